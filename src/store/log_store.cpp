#include <store/log_store.h>

#include <base/verify.h>
#include <store/follower.h>
#include <store/lock_file.h>
#include <store/log.h>
#include <store/record_bytes.h>
#include <store/view.h>
#include <store/worker.h>

#include <algorithm>
#include <utility>

namespace sidereal::store {

namespace {

// Many times what a loop with one batch under way and a web page's readers put in.
constexpr std::size_t max_waiting = 1000;

bool begins_with(farm::Records const& batch, farm::Records const& start)
{
    return batch.size() >= start.size() && std::equal(start.begin(), start.end(), batch.begin());
}

struct Commit {
    Store::Batch batch;
    Store::CommitDone done;
};

// The log is written on the writer's thread; the view changes on the follower's and is read on the
// reader's; all are made and ended on the owner's.
class LogStore final : public Store {
public:
    LogStore(LockFile lock, std::unique_ptr<Log> log, std::unique_ptr<View> view,
        Follower::Options options)
        : lock_(std::move(lock))
        , log_(std::move(log))
        , view_(std::move(view))
        , follower_(*log_, *view_, options)
        , reader_([](Read& read) { read(); })
        , writer_([this](Commit& commit) { handle(commit); })
    {
    }

    Status replay(Take const& take) override
    {
        TRY(follower_.wait_for(log_->end().next));
        return view_->replay(take);
    }

    void commit(Batch batch, CommitDone done) override
    {
        VERIFY(writer_.waiting() < max_waiting);
        writer_.put({ std::move(batch), std::move(done) });
    }

    void attempts(AttemptQuery query, AttemptsDone done) override
    {
        read<std::vector<farm::AttemptRecord>>(
            [this, query] { return view_->attempts(query); }, std::move(done));
    }

    void latest_attempt(
        JobId job, std::uint32_t step, std::uint64_t task, AttemptDone done) override
    {
        read<std::optional<farm::AttemptRecord>>(
            [this, job, step, task] { return view_->latest_attempt(job, step, task); },
            std::move(done));
    }

    State state() const override { return { log_->end().next - 1, follower_.behind() }; }

private:
    using Read = std::function<void()>;

    // Looks once the view has all that is durable now.
    template<typename Found, typename Look, typename Done>
    void read(Look look, Done done)
    {
        if (reader_.waiting() >= max_waiting)
            return done(fail(ErrorCode::unavailable,
                "{} queries wait for the store's history; ask again later", max_waiting));
        auto const wanted = log_->end().next;
        reader_.put([this, wanted, look = std::move(look), done = std::move(done)] {
            auto const there = follower_.wait_for(wanted);
            done(there ? look() : Result<Found>(tl::unexpected(there.error())));
        });
    }

    void handle(Commit& commit)
    {
        if (failed_ && !begins_with(*commit.batch, *failed_))
            return commit.done(fail(ErrorCode::unavailable,
                "an earlier batch could not be stored and must be stored first"));
        auto const status = write(*commit.batch);
        failed_ = status ? nullptr : commit.batch;
        commit.done(status);
        if (status)
            follower_.wake();
    }

    Status write(farm::Records const& batch)
    {
        TRY(follower_.wait_for_room());
        bytes_.clear();
        for (auto const& record : batch)
            append_bytes(bytes_, record);
        return log_->append(bytes_);
    }

    LockFile const lock_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<View> view_;
    Batch failed_; // writer's thread
    std::string bytes_; // writer's thread
    Follower follower_;
    Worker<Read> reader_;
    Worker<Commit> writer_; // last: it puts work in for the others
};

}

Result<std::unique_ptr<Store>> open_store(StoreOptions const& options)
{
    auto const path = options.path.string();
    auto lock = TRY(LockFile::take(path + ".lock"));
    auto view = TRY(View::open({ path, options.max_database_bytes }));
    auto log = TRY(Log::open({ path + "-log" }, view->position()));
    TRY(Follower::catch_up(*log, *view));
    return std::make_unique<LogStore>(std::move(lock), std::move(log), std::move(view),
        Follower::Options { options.max_behind_bytes, options.gather });
}

}
