#pragma once

#include <base/result.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <unistd.h>

namespace sidereal::store {

// A place between two batches of the log: the next one has this number and lies there.
struct LogPosition {
    std::uint64_t next { 1 };
    // The number of the first batch of its segment; 0: not known.
    std::uint64_t segment { 0 };
    std::uint64_t offset { 0 };

    bool operator==(LogPosition const&) const = default;
};

// Batches of bytes, numbered from 1, made durable one after the other. It lies in segments: files
// with room set aside, named by the number of their first batch. A batch is a frame with its
// number, length and checksum, so that what a crash cut off is found and left out, whereas a
// damaged batch with sound ones behind it is an error. Frames of an earlier use of a segment have
// lower numbers.
//
// append() belongs to one thread, read() to another; position() is for any.
class Log {
public:
    struct Options {
        std::string folder;
        // A segment is as large as the last one, doubled up to the most.
        std::uint64_t first_segment_bytes { 256UL << 10 };
        std::uint64_t most_segment_bytes { 8UL << 20 };
        // Makes a file's bytes durable, or sets errno; tests let it fail.
        int (*sync)(int file) { &::fdatasync };
    };
    // `from`: what comes before it is not needed any more. Fails where a batch from there on is
    // missing or damaged.
    static Result<std::unique_ptr<Log>> open(Options options, LogPosition from);
    ~Log();
    Log(Log const&) = delete;
    Log& operator=(Log const&) = delete;

    // Durable on return. After a failure the batch is not there, or will be replaced by the next
    // one with its number, which goes to a segment of its own: what the system remembers of pages
    // that it failed to write is not to be trusted.
    Status append(std::string_view batch);
    // Where the next batch will go; everything before is durable.
    LogPosition end() const;
    // Bytes between two places.
    std::uint64_t distance(LogPosition from) const;

    // The batch there, and moves behind it; nothing at the end.
    Result<std::optional<std::string>> read(LogPosition& at);
    // Segments before that are free to be used again.
    void release(LogPosition before);

private:
    struct Segment {
        std::uint64_t first { 0 };
        std::uint64_t end { 0 }; // of its sound frames
        std::uint64_t bytes { 0 };
    };

    explicit Log(Options options)
        : options_(std::move(options))
    {
    }
    std::string path(std::uint64_t first) const;
    Status recover(LogPosition from);
    Result<std::uint64_t> recover_segment(
        Segment& segment, std::uint64_t next, std::optional<std::uint64_t> before);
    tl::unexpected<Error> missing(std::uint64_t first, std::uint64_t behind) const;
    Status start_segment(std::size_t frame_bytes);
    Result<int> open_room(std::uint64_t bytes, std::string const& name);
    std::optional<Segment> take_spare(std::size_t at_least);
    Status write_frame(std::string_view batch);
    Status sync_folder() const;

    Options const options_;
    std::string frame_; // writer's
    int writing_ { -1 }; // writer's; -1: the next batch begins a segment
    std::uint64_t next_segment_bytes_ { 0 }; // writer's
    int reading_ { -1 }; // reader's
    std::uint64_t reading_segment_ { 0 }; // reader's
    mutable std::mutex mutex_;
    std::deque<Segment> segments_; // guarded by mutex_
    std::uint64_t next_ { 1 }; // guarded by mutex_
    std::uint64_t needed_ { 1 }; // guarded by mutex_
};

}
