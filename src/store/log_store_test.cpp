#include <store/log_store.h>

#include <store/migrations.h>
#include <store/rows.h>
#include <store/sqlite.h>
#include <store/test_store.h>
#include <wire/codec.h>

#include <base/prng.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sidereal::store {

namespace {

std::unique_ptr<Store> opened(StoreOptions const& options)
{
    auto store = open_store(options);
    EXPECT_TRUE(store.has_value()) << store.error().message;
    return store ? std::move(*store) : nullptr;
}

std::string refusal(std::filesystem::path const& path)
{
    auto const store = open_store({ path });
    return store ? "opened" : store.error().message;
}

// As a user whom permissions hold for: root may write anywhere.
std::string refusal_of_nobody(std::filesystem::path const& path)
{
    constexpr uid_t nobody = 65534;
    int ends[2];
    if (::pipe(ends) != 0)
        return "no pipe";
    auto const child = ::fork();
    if (child == 0) {
        auto const is_nobody = ::geteuid() != 0 || ::setresuid(nobody, nobody, nobody) == 0;
        auto const message = is_nobody ? refusal(path) : "cannot become nobody";
        (void)!::write(ends[1], message.data(), message.size());
        ::_exit(0);
    }
    ::close(ends[1]);
    char text[4096];
    auto const got = ::read(ends[0], text, sizeof text);
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return { text, static_cast<std::size_t>(std::max<ssize_t>(got, 0)) };
}

bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

void execute(std::filesystem::path const& path, std::string const& sql)
{
    auto const database = sqlite::Database::open(
        path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ASSERT_TRUE(database.has_value());
    auto const status = (*database)->execute(sql);
    ASSERT_TRUE(status.has_value()) << status.error().message;
}

// 40 leases whose ids start at `first`, with log tails that take room.
farm::Records large_batch(std::uint64_t first)
{
    farm::Records batch;
    for (auto id = first; id < first + 40; ++id) {
        auto attempt = ended(a_lease(id, 1, id), wire::Outcome::failed);
        attempt.log_tail.assign(4000, 'x');
        batch.emplace_back(attempt);
    }
    return batch;
}

// No file of this process may grow past the size while it lives: a write fails as on a bad disk.
class FileSizeLimit {
public:
    explicit FileSizeLimit(std::uint64_t bytes)
        : old_handler_(std::signal(SIGXFSZ, SIG_IGN))
    {
        ::getrlimit(RLIMIT_FSIZE, &old_);
        rlimit const tight { bytes, old_.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &tight);
    }
    ~FileSizeLimit()
    {
        ::setrlimit(RLIMIT_FSIZE, &old_);
        std::signal(SIGXFSZ, old_handler_);
    }
    FileSizeLimit(FileSizeLimit const&) = delete;
    FileSizeLimit& operator=(FileSizeLimit const&) = delete;

private:
    rlimit old_ {};
    void (*old_handler_)(int);
};

}

TEST(LogStore, a_view_that_cannot_grow_stops_commits_and_loses_none)
{
    TemporaryFolder const folder;
    farm::Records expected { a_job(1), a_node(1) };
    {
        auto const store = opened({ .path = folder / "farm.db", .max_database_bytes = 200'000 });
        ASSERT_TRUE(commit_and_wait(*store, expected));
        // The log takes what comes until the view finds no room; from then on nothing is taken.
        auto status = Status {};
        for (std::uint64_t first = 1; status && first < 400; first += 40) {
            auto batch = large_batch(first);
            status = commit_and_wait(*store, batch);
            if (status)
                expected.insert(expected.end(), batch.begin(), batch.end());
            (void)attempts_of(*store, { .job = { 1 } });
        }
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::exhausted);
        EXPECT_TRUE(contains(status.error().message, (folder / "farm.db").string()));
        EXPECT_TRUE(contains(status.error().message, "make room on its disk"));
        EXPECT_EQ(all_records(*store).error().code, ErrorCode::exhausted);
    }
    auto const store = opened({ folder / "farm.db" });
    EXPECT_EQ(all_records(*store), expected);
    EXPECT_TRUE(commit_and_wait(*store, large_batch(1000)));
}

TEST(LogStore, after_a_failure_only_the_failed_batch_is_taken)
{
    TemporaryFolder const folder;
    auto const store = opened({ folder / "farm.db" });
    ASSERT_TRUE(commit_and_wait(*store, { a_job(1), a_node(1) }));
    auto longer = large_batch(1);
    longer.emplace_back(a_lease(41, 1, 41));
    {
        FileSizeLimit const limit(100'000);
        auto const status = commit_and_wait(*store, large_batch(1));
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code, ErrorCode::io_failed);
        EXPECT_EQ(
            commit_and_wait(*store, { a_lease(41, 1, 41) }).error().code, ErrorCode::unavailable);
        EXPECT_EQ(commit_and_wait(*store, large_batch(1)).error().code, ErrorCode::io_failed);
    }
    EXPECT_EQ(commit_and_wait(*store, { a_lease(41, 1, 41) }).error().code, ErrorCode::unavailable);
    EXPECT_EQ(all_records(*store)->size(), 2u);
    EXPECT_TRUE(commit_and_wait(*store, longer));
    EXPECT_TRUE(commit_and_wait(*store, { a_lease(42, 1, 42) }));
    EXPECT_EQ(all_records(*store)->size(), 2u + 42u);
}

TEST(LogStore, a_database_of_the_schema_before_the_log_is_taken_over)
{
    TemporaryFolder const folder;
    {
        auto const database = sqlite::Database::open(
            (folder / "farm.db").string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
        ASSERT_TRUE(database.has_value());
        ASSERT_TRUE(migrate(**database, 3));
        JsonWriter facts;
        wire::write(facts, a_node(1).facts);
        ASSERT_TRUE((*database)->execute(
            "INSERT INTO job(id, template, file_name, parameters, project, user, priority, "
            "max_retries, submitted_at_us, paused, pause_reason, canceled) VALUES (1, 'name: x', "
            "'a.yaml', '{}', 'dunes', 'ada', -7, 2, 5, 0, '', 0)"));
        ASSERT_TRUE((*database)->execute(fmt::format(
            "INSERT INTO node(id, key, facts, epoch, agent_instance, draining, first_seen_us) "
            "VALUES (1, 'key-1', '{}', 2, 3, 0, 7)",
            facts.take())));
        ASSERT_TRUE((*database)->execute("INSERT INTO attempt(id, job, step, task, node, "
                                         "node_epoch, leased_at_us, state, vcpus) "
                                         "VALUES (1, 1, 1, 0, 1, 2, 9, 'leased', 1.5)"));
    }
    auto const store = opened({ folder / "farm.db" });
    ASSERT_TRUE(store);
    ASSERT_TRUE(commit_and_wait(*store, { a_lease(2, 1, 1) }));
    auto const records = all_records(*store);
    ASSERT_TRUE(records.has_value() && records->size() == 4);
    auto const& job = std::get<farm::JobRecord>((*records)[0]);
    EXPECT_EQ(std::tie(job.source.template_text, job.project, job.priority),
        std::tuple("name: x", "dunes", -7));
    auto const& node = std::get<farm::NodeRecord>((*records)[1]);
    EXPECT_EQ(node.facts, a_node(1).facts);
    auto const& attempt = std::get<farm::AttemptRecord>((*records)[2]);
    EXPECT_EQ(std::tie(attempt.vcpus, attempt.tasks), std::tuple(1.5, 1u));
    EXPECT_EQ((*records)[3], farm::Record(a_lease(2, 1, 1)));
}

TEST(LogStore, what_the_view_had_no_time_for_is_there_at_the_next_start)
{
    TemporaryFolder const folder;
    auto const child = ::fork();
    if (child == 0) {
        auto const store = open_store(
            { .path = folder / "farm.db", .gather = std::chrono::hours(1) });
        auto const done = store && commit_and_wait(**store, { a_job(1), a_node(1) })
            && commit_and_wait(**store, { a_lease(1, 1, 4) });
        ::kill(::getpid(), done ? SIGKILL : SIGTERM);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    auto const store = opened({ folder / "farm.db" });
    EXPECT_EQ(all_records(*store), (farm::Records { a_job(1), a_node(1), a_lease(1, 1, 4) }));
    EXPECT_EQ(store->state().behind, 0u);
}

TEST(LogStore, commits_wait_for_a_view_that_is_too_far_behind)
{
    TemporaryFolder const folder;
    auto const store = opened({ .path = folder / "farm.db",
        .max_behind_bytes = 300'000,
        .gather = std::chrono::milliseconds(1) });
    ASSERT_TRUE(commit_and_wait(*store, { a_job(1), a_node(1) }));
    for (std::uint64_t first = 1; first < 4000; first += 40)
        ASSERT_TRUE(commit_and_wait(*store, large_batch(first)));
    EXPECT_LE(store->state().behind, 3u);
    EXPECT_EQ(store->state().commits, 101u);
}

TEST(LogStore, an_older_database_beside_a_newer_log_is_refused)
{
    TemporaryFolder const folder;
    ASSERT_TRUE(commit_and_wait(*opened({ folder / "farm.db" }), { a_job(1), a_node(1) }));
    std::filesystem::copy_file(folder / "farm.db", folder / "backup.db");
    {
        auto const store = opened({ folder / "farm.db" });
        for (std::uint64_t first = 1; first < 4000; first += 40)
            ASSERT_TRUE(commit_and_wait(*store, large_batch(first)));
    }
    std::filesystem::copy_file(folder / "backup.db", folder / "farm.db",
        std::filesystem::copy_options::overwrite_existing);
    auto const message = refusal(folder / "farm.db");
    EXPECT_TRUE(contains(message, "restore both from one backup")) << message;
    std::filesystem::remove_all(folder / "farm.db-log");
    EXPECT_EQ(
        all_records(*opened({ folder / "farm.db" })), (farm::Records { a_job(1), a_node(1) }));
}

TEST(LogStore, one_process_holds_it_at_a_time)
{
    TemporaryFolder const folder;
    auto store = opened({ folder / "farm.db" });
    EXPECT_TRUE(contains(refusal(folder / "farm.db"), "held by another Sidereal"));
    store.reset();
    EXPECT_EQ(refusal(folder / "farm.db"), "opened");
}

TEST(LogStore, a_newer_schema_is_refused)
{
    TemporaryFolder const folder;
    opened({ folder / "farm.db" }).reset();
    execute(folder / "farm.db", "UPDATE meta SET schema_version = 7000");
    auto const message = refusal(folder / "farm.db");
    EXPECT_TRUE(contains(message, "has schema 7000, written by a newer Sidereal")) << message;
}

TEST(LogStore, the_file_of_another_program_is_refused_and_left_alone)
{
    TemporaryFolder const folder;
    execute(folder / "farm.db", "CREATE TABLE recipes(name TEXT)");
    auto const before = std::filesystem::file_size(folder / "farm.db");
    EXPECT_TRUE(contains(refusal(folder / "farm.db"), "belongs to another program"));
    EXPECT_EQ(std::filesystem::file_size(folder / "farm.db"), before);
}

TEST(LogStore, a_file_that_is_no_database_is_refused)
{
    TemporaryFolder const folder;
    std::ofstream(folder / "farm.db") << std::string(10'000, 'n');
    EXPECT_TRUE(contains(refusal(folder / "farm.db"), "damaged or not a database"));
}

TEST(LogStore, a_damaged_page_is_an_error_with_advice)
{
    TemporaryFolder const folder;
    {
        auto const store = opened({ folder / "farm.db" });
        ASSERT_TRUE(commit_and_wait(*store, { a_job(1), a_node(1) }));
        ASSERT_TRUE(commit_and_wait(*store, large_batch(1)));
    }
    auto const size = std::filesystem::file_size(folder / "farm.db");
    std::fstream file(folder / "farm.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8192);
    file << std::string(static_cast<std::size_t>(size) - 8192, '\x5a');
    file.close();
    auto const store = open_store({ folder / "farm.db" });
    auto const error = store ? all_records(**store).error() : store.error();
    EXPECT_EQ(error.code, ErrorCode::io_failed);
    EXPECT_TRUE(contains(error.message, "restore the last backup")) << error.message;
}

TEST(LogStore, a_folder_that_is_not_there_is_named)
{
    TemporaryFolder const folder;
    auto const message = refusal(folder / "missing" / "farm.db");
    EXPECT_TRUE(contains(message, (folder / "missing").string())) << message;
    EXPECT_TRUE(contains(message, "make sure that its folder is there")) << message;
}

TEST(LogStore, a_read_only_folder_is_refused_with_advice)
{
    TemporaryFolder const folder;
    using std::filesystem::perms;
    std::filesystem::permissions(folder.path(),
        perms::owner_read | perms::owner_exec | perms::others_read | perms::others_exec);
    EXPECT_TRUE(contains(refusal_of_nobody(folder / "farm.db"), "may be written"));
    std::filesystem::permissions(folder.path(), perms::owner_all);
}

TEST(LogStore, migrations_are_numbered_without_gaps)
{
    int expected = 1;
    for (auto const& migration : migrations())
        EXPECT_EQ(migration.number, expected++);
}

TEST(LogStore, a_migration_that_fails_leaves_the_file_empty)
{
    TemporaryFolder const folder;
    auto const database = sqlite::Database::open(
        (folder / "farm.db").string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    ASSERT_TRUE(database.has_value());
    ASSERT_TRUE((*database)->execute("PRAGMA max_page_count = 4"));
    EXPECT_EQ(migrate(**database).error().code, ErrorCode::exhausted);
    EXPECT_EQ((*database)->query_integer("SELECT count(*) FROM sqlite_schema"), 0);
    ASSERT_TRUE((*database)->execute("PRAGMA max_page_count = 10000"));
    EXPECT_TRUE(migrate(**database));
    EXPECT_TRUE(migrate(**database));
}

TEST(LogStore, the_log_stays_small)
{
    TemporaryFolder const folder;
    auto const store = opened({ folder / "farm.db" });
    ASSERT_TRUE(commit_and_wait(*store, { a_job(1), a_node(1) }));
    std::uintmax_t largest = 0;
    for (std::uint64_t round = 0; round < 300; ++round) {
        ASSERT_TRUE(commit_and_wait(*store, large_batch(1 + round * 40)));
        if (round % 10 == 0)
            (void)attempts_of(*store, { .job = { 1 }, .limit = 1 });
        largest = std::max(largest, std::filesystem::file_size(folder / "farm.db-wal"));
    }
    (void)attempts_of(*store, { .job = { 1 }, .limit = 1 });
    EXPECT_GT(std::filesystem::file_size(folder / "farm.db"), 30'000'000u);
    EXPECT_LT(largest, 30'000'000u);
}

namespace {

// Commits batches until it is killed; each acknowledged batch is one byte in the pipe.
[[noreturn]] void commit_for_ever(std::filesystem::path const& path, int acknowledged)
{
    auto store = open_store({ path });
    if (!store)
        ::_exit(1);
    auto const records = all_records(**store);
    if (!records)
        ::_exit(1);
    std::uint64_t next = 1;
    for (auto const& record : *records) {
        if (auto const* attempt = std::get_if<farm::AttemptRecord>(&record))
            next = attempt->id.value + 1;
    }
    if (next == 1)
        (void)commit_and_wait(**store, { a_job(1), a_node(1) });
    for (;; next += 10) {
        farm::Records batch;
        for (auto id = next; id < next + 10; ++id)
            batch.emplace_back(ended(a_lease(id, 1, id), wire::Outcome::succeeded));
        if (!commit_and_wait(**store, std::move(batch)) || ::write(acknowledged, "+", 1) != 1)
            ::_exit(1);
    }
}

// Runs such a child until it has acknowledged `batches`, kills it, and gives how many it
// acknowledged in all.
std::uint64_t run_and_kill(std::filesystem::path const& path, std::uint64_t batches)
{
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    auto const child = ::fork();
    if (child == 0)
        commit_for_ever(path, ends[1]);
    ::close(ends[1]);
    std::uint64_t acknowledged = 0;
    char byte = 0;
    while (::read(ends[0], &byte, 1) == 1) {
        if (++acknowledged == batches)
            ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return acknowledged;
}

}

TEST(LogStore, kill_9_loses_nothing_acknowledged_and_halves_no_batch)
{
    TemporaryFolder const folder;
    Prng prng(9);
    std::uint64_t at_least = 0;
    for (int life = 0; life < 12; ++life) {
        at_least += 10 * run_and_kill(folder / "farm.db", 1 + prng.below(120));
        auto const records = all_records(*opened({ folder / "farm.db" }));
        ASSERT_TRUE(records.has_value()) << records.error().message;
        auto const attempts = records->size() - 2;
        EXPECT_GE(attempts, at_least);
        EXPECT_LE(attempts, at_least + 10);
        EXPECT_EQ(attempts % 10, 0u);
        for (std::uint64_t id = 1; id <= attempts; ++id)
            ASSERT_EQ((*records)[id + 1],
                farm::Record(ended(a_lease(id, 1, id), wire::Outcome::succeeded)));
        at_least = attempts;
    }
}

}
