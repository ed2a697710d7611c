#pragma once

#include <base/result.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace sidereal::io {

enum class LogLevel : std::uint8_t {
    debug,
    info,
    warning,
    error,
};

enum class LogFormat : std::uint8_t {
    human,
    json,
};

struct LogOptions {
    LogLevel level { LogLevel::info };
    LogFormat format { LogFormat::human };
    // Appended to, created 0600; empty: standard error.
    std::string path;
};

// A fact of an event: {"job", 12} or {"path", name}.
struct LogField {
    LogField(std::string_view field_name, std::string_view text)
        : name(field_name)
        , value(text)
    {
    }
    LogField(std::string_view field_name, char const* text)
        : LogField(field_name, std::string_view(text))
    {
    }
    LogField(std::string_view field_name, std::string const& text)
        : LogField(field_name, std::string_view(text))
    {
    }
    LogField(std::string_view field_name, double number)
        : name(field_name)
        , value(number)
    {
    }
    template<std::same_as<bool> T>
    LogField(std::string_view field_name, T truth)
        : name(field_name)
        , value(truth)
    {
    }
    template<std::integral T>
    requires(!std::same_as<T, bool>) LogField(std::string_view field_name, T number)
        : name(field_name)
        , value(static_cast<std::int64_t>(number))
    {
    }

    std::string_view name;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

// A daemon's log: one line an event, flushed at once. Human: time, level, event, name=value. JSON:
// {"time","level","event",...fields}. Opened by main and handed down; any thread may write.
class Log {
public:
    static Result<Log> init(LogOptions options);
    ~Log();
    Log(Log&& other) noexcept;
    Log& operator=(Log&& other) noexcept;

    void log(LogLevel level, std::string_view event, std::span<LogField const> fields);
    void debug(std::string_view event, std::initializer_list<LogField> fields = {});
    void info(std::string_view event, std::initializer_list<LogField> fields = {});
    void warning(std::string_view event, std::initializer_list<LogField> fields = {});
    void error(std::string_view event, std::initializer_list<LogField> fields = {});

private:
    struct Impl;
    explicit Log(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

Result<LogLevel> parse_log_level(std::string_view name);

}
