#include <app/daemon.h>

#include <array>
#include <cstring>
#include <sys/random.h>

namespace sidereal::app {

namespace {

Result<std::array<std::uint64_t, 2>> random_words()
{
    std::array<std::uint64_t, 2> words;
    if (::getrandom(words.data(), sizeof words, 0) != static_cast<ssize_t>(sizeof words))
        return fail(
            ErrorCode::io_failed, "the system gives no random numbers: {}", std::strerror(errno));
    return words;
}

}

void add_log_options(std::vector<cli::Option>& options, LogFlags& flags)
{
    options.push_back({ .name = "--log-level",
        .target = &flags.level,
        .help = "least important events to log",
        .value_name = "LEVEL",
        .choices = { "debug", "info", "warning", "error" } });
    options.push_back({ .name = "--log-format",
        .target = &flags.format,
        .help = "one line an event, for people or for tools",
        .value_name = "FORMAT",
        .choices = { "human", "json" } });
}

Result<io::Log> open_log(LogFlags const& flags)
{
    io::LogOptions options;
    options.level = TRY(io::parse_log_level(flags.level));
    options.format = flags.format == "json" ? io::LogFormat::json : io::LogFormat::human;
    return io::Log::init(options);
}

Result<std::uint64_t> random_instance()
{
    constexpr std::uint64_t exact_in_json = (std::uint64_t { 1 } << 53) - 1;
    auto const words = TRY(random_words());
    return (words[0] & exact_in_json) | 1;
}

Result<std::string> random_key()
{
    auto const words = TRY(random_words());
    return fmt::format("{:016x}{:016x}", words[0], words[1]);
}

}
