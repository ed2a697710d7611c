#pragma once

#include <io/process.h>
#include <io/unique_fd.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sidereal::io {

// Cuts a stream of bytes into lines that end at LF, CR or CRLF. Holds at most one line.
class LineSplitter {
public:
    static constexpr std::size_t limit_bytes = 64UL * 1024;

    // Calls `on_line` with each finished line, at most its first limit_bytes.
    void feed(std::string_view bytes, Function<void(std::string_view)> const& on_line);
    // The last line may lack its end.
    void finish(Function<void(std::string_view)> const& on_line);

private:
    void keep(std::string_view piece);

    std::string partial_;
    bool after_cr_ { false };
    bool in_line_ { false };
};

// Log files by path, each open once however many processes write to it. Owned by ProcessRunner and
// outlives the outputs.
class LogFiles {
public:
    // Opens for appending, making the file and its folders.
    Result<std::shared_ptr<UniqueFd>> open(std::string const& path);

private:
    std::map<std::string, std::weak_ptr<UniqueFd>> files_;
};

// Where one process's output goes: to the log file at once, to the watcher of lines, and the last
// bytes into memory. Owned by its process.
class ProcessOutput {
public:
    // Takes what concerns output out of the options.
    ProcessOutput(LogFiles& files, SpawnOptions& options);
    ProcessOutput(ProcessOutput const&) = delete;
    ProcessOutput& operator=(ProcessOutput const&) = delete;

    void take(std::string_view bytes);
    std::uint64_t taken_bytes() const { return taken_bytes_; }
    // After the last byte: reports the unfinished line and fills in what concerns output.
    void finish(ProcessEnd& end);

private:
    void watch(std::string_view bytes);
    void keep(std::string_view bytes);
    void keep_unmasked(std::string_view bytes);
    void keep_masked(std::string_view bytes);
    void keep_line(std::string_view line, std::string_view line_end);
    void write_log(std::string_view bytes);
    bool open_log();
    void keep_tail(std::string_view bytes);

    LogFiles& files_;
    std::string log_path_;
    Function<bool(std::string_view)> line_wanted_;
    Function<void(std::string_view)> on_line_;
    Function<void(std::string_view)> line_sink_;
    LineSplitter lines_;
    OutputMask mask_;
    // An unfinished line that is not kept yet, and whether the one before was kept unfinished.
    std::string held_;
    bool line_is_begun_ { false };
    std::shared_ptr<UniqueFd> log_;
    std::uint64_t taken_bytes_ { 0 };
    std::uint64_t log_begin_ { 0 };
    std::uint64_t log_end_ { 0 };
    std::uint64_t lost_bytes_ { 0 };
    std::string log_error_;
    std::string tail_;
};

}
