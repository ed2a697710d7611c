#include <store/log.h>

#include <store/checksum.h>
#include <store/record_bytes.h>
#include <store/test_store.h>

#include <base/prng.h>

#include <cerrno>
#include <fstream>

namespace sidereal::store {

namespace {

namespace files = std::filesystem;

std::string batch_of(std::uint64_t number)
{
    return std::string(100 + number % 50, 'a') + std::to_string(number);
}

class LogTest : public testing::Test {
protected:
    Log::Options options(std::uint64_t bytes = 4096) const
    {
        return { (folder_ / "log").string(), bytes, bytes };
    }

    std::unique_ptr<Log> open(LogPosition from = {}) const { return open(options(), from); }

    static std::unique_ptr<Log> open(Log::Options const& options, LogPosition from = {})
    {
        auto log = Log::open(options, from);
        EXPECT_TRUE(log.has_value()) << log.error().message;
        return log ? std::move(*log) : nullptr;
    }

    std::string refusal(LogPosition from = {}) const
    {
        auto const log = Log::open(options(), from);
        return log ? "opened" : log.error().message;
    }

    static void append(Log& log, std::uint64_t first, std::uint64_t last)
    {
        for (auto number = first; number <= last; ++number) {
            auto const status = log.append(batch_of(number));
            ASSERT_TRUE(status) << status.error().message;
        }
    }

    // The last batch; all from `from` on must be what append() wrote.
    static std::uint64_t read_all(Log& log, LogPosition from = {})
    {
        for (;;) {
            auto const number = from.next;
            auto const batch = log.read(from);
            EXPECT_TRUE(batch.has_value()) << batch.error().message;
            if (!batch || !*batch)
                return number - 1;
            EXPECT_EQ(**batch, batch_of(number));
        }
    }

    std::vector<files::path> segments() const
    {
        std::vector<files::path> found;
        for (auto const& entry : files::directory_iterator(folder_ / "log"))
            found.push_back(entry.path());
        std::sort(found.begin(), found.end());
        return found;
    }

    static std::string bytes_of(files::path const& path)
    {
        std::ifstream file(path, std::ios::binary);
        return { std::istreambuf_iterator<char>(file), {} };
    }

    static void write(files::path const& path, std::string const& bytes)
    {
        std::ofstream(path, std::ios::binary) << bytes;
    }

    TemporaryFolder folder_;
};

int fail_to_sync(int)
{
    errno = EIO;
    return -1;
}

}

TEST(Checksum, agrees_with_the_published_values)
{
    // RFC 3720, appendix B.4.
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

TEST_F(LogTest, batches_come_back_in_order_after_reopening)
{
    append(*open(), 1, 200);
    EXPECT_GT(segments().size(), 3u);
    auto const log = open();
    EXPECT_EQ(read_all(*log), 200u);
    append(*log, 201, 210);
    EXPECT_EQ(read_all(*log), 210u);
    EXPECT_EQ(log->end().next, 211u);
}

TEST_F(LogTest, a_batch_larger_than_a_segment_gets_one_of_its_own)
{
    auto const log = open();
    append(*log, 1, 3);
    ASSERT_TRUE(log->append(std::string(100'000, 'x')));
    append(*log, 5, 9);
    auto const again = open();
    LogPosition at;
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(*again->read(at));
    EXPECT_EQ((*again->read(at))->size(), 100'000u);
    EXPECT_EQ(read_all(*again, at), 9u);
}

TEST_F(LogTest, a_tail_torn_at_any_byte_is_left_out)
{
    append(*open(), 1, 3);
    auto const path = segments().back();
    auto const whole = bytes_of(path);
    auto const end = open()->end().offset;
    auto const last = 24 + batch_of(3).size();
    for (auto cut = end - last; cut <= end; ++cut) {
        // What lay there before: zeros, or an earlier life's bytes.
        for (auto const filler : { '\0', 'a' }) {
            auto torn = whole;
            torn.replace(cut, torn.size() - cut, torn.size() - cut, filler);
            if (cut == end && filler == 'a')
                continue;
            write(path, torn);
            auto const sound = cut == end ? 3u : 2u;
            ASSERT_EQ(read_all(*open()), sound) << "cut at " << cut;
        }
    }
    write(path, whole.substr(0, end - 1));
    auto const log = open();
    EXPECT_EQ(read_all(*log), 2u);
    append(*log, 3, 5);
    EXPECT_EQ(read_all(*open()), 5u);
}

TEST_F(LogTest, any_flipped_bit_is_found)
{
    append(*open(), 1, 3);
    auto const path = segments().back();
    auto const whole = bytes_of(path);
    auto const end = open()->end().offset;
    auto const last = end - 24 - batch_of(3).size();
    for (std::uint64_t at = 0; at < end; ++at) {
        auto damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
        write(path, damaged);
        if (at >= last)
            ASSERT_EQ(read_all(*open()), 2u) << "byte " << at;
        else
            ASSERT_NE(refusal().find("is damaged, and later ones are not"), std::string::npos)
                << "byte " << at;
    }
}

TEST_F(LogTest, damage_before_what_is_needed_does_not_matter)
{
    auto log = open();
    append(*log, 1, 2);
    auto const from = log->end();
    append(*log, 3, 4);
    log.reset();
    auto const path = segments().back();
    auto damaged = bytes_of(path);
    damaged[40] = '?';
    write(path, damaged);
    EXPECT_NE(refusal(), "opened");
    EXPECT_EQ(read_all(*open(from), from), 4u);
}

TEST_F(LogTest, a_lost_segment_is_missed)
{
    append(*open(), 1, 200);
    auto const all = segments();
    files::rename(all[1], folder_ / "away");
    EXPECT_NE(refusal().find("lacks batches"), std::string::npos) << refusal();
}

TEST_F(LogTest, released_segments_are_used_again_and_their_old_batches_never_read)
{
    auto log = open();
    for (std::uint64_t first = 1; first <= 600; first += 20) {
        append(*log, first, first + 19);
        log->release(log->end());
        ASSERT_LE(segments().size(), 4u);
    }
    auto const end = log->end();
    append(*log, 601, 603);
    log.reset();
    EXPECT_EQ(read_all(*open(end), end), 603u);
    // Cut in the newest, so that what an earlier use left stands behind the last sound batch.
    EXPECT_EQ(open(end)->end().next, 604u);
}

TEST_F(LogTest, after_a_failed_sync_the_batch_goes_to_a_new_segment)
{
    auto failing = options();
    append(*open(), 1, 5);
    failing.sync = fail_to_sync;
    {
        auto const log = open(failing);
        auto const status = log->append(batch_of(6));
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::io_failed);
        EXPECT_FALSE(log->append(batch_of(6)));
        EXPECT_EQ(read_all(*log), 5u);
        EXPECT_EQ(log->end().next, 6u);
    }
    // It may have come to the disk all the same: then it counts, as if the answer had been lost.
    auto log = open();
    EXPECT_EQ(log->end().next, 7u);
}

TEST_F(LogTest, the_batch_after_a_failed_one_replaces_it)
{
    static int calls = 0;
    calls = 0;
    auto flaky = options();
    flaky.sync = [](int file) { return ++calls == 3 ? fail_to_sync(file) : ::fdatasync(file); };
    {
        auto const log = open(flaky);
        append(*log, 1, 2);
        EXPECT_FALSE(log->append("what was given up"));
        append(*log, 3, 6);
        EXPECT_EQ(read_all(*log), 6u);
        EXPECT_EQ(segments().size(), 2u);
    }
    EXPECT_EQ(read_all(*open()), 6u);
}

TEST_F(LogTest, records_of_every_kind_come_back_the_same)
{
    farm::RulesRecord const rules { 3, "limits: []", "ada", Wall(std::chrono::seconds(5)) };
    farm::Records const records { a_job(1), a_node(1), a_lease(1, 1, 0),
        ended(a_lease(2, 1, 1), wire::Outcome::failed),
        farm::ResetRecord { { 1 }, 1, 0, { 7 }, 3, true }, rules };
    std::string bytes;
    for (auto const& record : records)
        append_bytes(bytes, record);
    farm::Records again;
    ASSERT_TRUE(read_records(bytes, again));
    EXPECT_EQ(again, records);
}

TEST_F(LogTest, bytes_that_are_no_records_are_an_error_or_other_records)
{
    Prng prng(7);
    std::string bytes;
    append_bytes(bytes, a_job(1));
    append_bytes(bytes, ended(a_lease(2, 1, 1), wire::Outcome::failed));
    farm::Records read;
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        (void)read_records(std::string_view(bytes).substr(0, cut), read);
    for (int round = 0; round < 20'000; ++round) {
        auto damaged = bytes;
        for (auto left = prng.below(4) + 1; left > 0; --left)
            damaged[prng.below(damaged.size())] = static_cast<char>(prng.below(256));
        read.clear();
        (void)read_records(damaged, read);
    }
    EXPECT_FALSE(read_records("\x63", read));
}

}
