#include <io/log.h>

#include <base/json.h>
#include <io/clock.h>
#include <io/errno_error.h>

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <fcntl.h>

#include <array>
#include <iterator>

namespace sidereal::io {

namespace {

struct LevelRow {
    LogLevel level;
    std::string_view name;
    spdlog::level::level_enum theirs;
};

constexpr std::array<LevelRow, 4> levels { {
    { LogLevel::debug, "debug", spdlog::level::debug },
    { LogLevel::info, "info", spdlog::level::info },
    { LogLevel::warning, "warning", spdlog::level::warn },
    { LogLevel::error, "error", spdlog::level::err },
} };

LevelRow const& row_of(LogLevel level) { return levels[static_cast<std::size_t>(level)]; }

bool needs_quotes(std::string_view text)
{
    return text.empty() || std::ranges::any_of(text, [](char letter) {
        auto const byte = static_cast<unsigned char>(letter);
        return byte <= ' ' || byte == 0x7f || letter == '"' || letter == '=' || letter == '\\';
    });
}

// Quoted as JSON where it needs to be, so that one event stays on one line.
void append_human(std::string& line, std::string_view text)
{
    if (needs_quotes(text))
        line += JsonWriter().value(text).view();
    else
        line += text;
}

std::string human_line(
    LevelRow const& row, std::string_view event, std::span<LogField const> fields)
{
    auto line = fmt::format("{} {:7} ", to_rfc3339(now().wall), row.name);
    line += event;
    for (auto const& field : fields) {
        line.append(" ").append(field.name).append("=");
        std::visit(
            [&line]<typename T>(T const& value) {
                if constexpr (std::same_as<T, std::string_view>)
                    append_human(line, value);
                else
                    fmt::format_to(std::back_inserter(line), "{}", value);
            },
            field.value);
    }
    return line;
}

std::string json_line(LevelRow const& row, std::string_view event, std::span<LogField const> fields)
{
    JsonWriter json;
    json.begin_object();
    json.field("time", std::string_view(to_rfc3339(now().wall)));
    json.field("level", row.name).field("event", event);
    for (auto const& field : fields)
        std::visit([&](auto const& value) { json.field(field.name, value); }, field.value);
    json.end_object();
    return json.take();
}

}

struct Log::Impl {
    LogFormat format;
    spdlog::logger logger;
};

Result<Log> Log::init(LogOptions options)
{
    spdlog::sink_ptr sink;
    try {
        if (options.path.empty()) {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        } else {
            // spdlog would make it readable for everybody.
            auto const file = ::open(
                options.path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            if (file < 0)
                return fail_errno(errno, "cannot open the log {}", options.path);
            ::close(file);
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.path);
        }
    } catch (spdlog::spdlog_ex const& failure) {
        return fail(
            ErrorCode::io_failed, "cannot open the log {}: {}", options.path, failure.what());
    }
    auto impl = std::unique_ptr<Impl>(
        new Impl { options.format, spdlog::logger("sidereal", std::move(sink)) });
    impl->logger.set_pattern("%v");
    impl->logger.set_level(row_of(options.level).theirs);
    // What was logged before kill -9 is there afterwards.
    impl->logger.flush_on(spdlog::level::trace);
    return Log(std::move(impl));
}

Log::Log(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl))
{
}

Log::~Log() = default;
Log::Log(Log&& other) noexcept = default;
Log& Log::operator=(Log&& other) noexcept = default;

void Log::log(LogLevel level, std::string_view event, std::span<LogField const> fields)
{
    auto const& row = row_of(level);
    if (!impl_->logger.should_log(row.theirs))
        return;
    auto const line = impl_->format == LogFormat::json ? json_line(row, event, fields)
                                                       : human_line(row, event, fields);
    impl_->logger.log(row.theirs, spdlog::string_view_t(line.data(), line.size()));
}

void Log::debug(std::string_view event, std::initializer_list<LogField> fields)
{
    log(LogLevel::debug, event, std::span(fields.begin(), fields.size()));
}

void Log::info(std::string_view event, std::initializer_list<LogField> fields)
{
    log(LogLevel::info, event, std::span(fields.begin(), fields.size()));
}

void Log::warning(std::string_view event, std::initializer_list<LogField> fields)
{
    log(LogLevel::warning, event, std::span(fields.begin(), fields.size()));
}

void Log::error(std::string_view event, std::initializer_list<LogField> fields)
{
    log(LogLevel::error, event, std::span(fields.begin(), fields.size()));
}

Result<LogLevel> parse_log_level(std::string_view name)
{
    for (auto const& row : levels) {
        if (row.name == name)
            return row.level;
    }
    return fail(ErrorCode::invalid_input,
        "'{}' is not a log level; use debug, info, warning or error", name);
}

}
