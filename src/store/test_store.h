#pragma once

#include <store/log_store.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

// Help for tests that use a store.
namespace sidereal::store {

// A new folder that goes away with it.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "sidereal-store-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;

    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline Status commit_and_wait(Store& store, farm::Records batch)
{
    std::promise<Status> promise;
    store.commit(std::make_shared<farm::Records const>(std::move(batch)),
        [&](Status status) { promise.set_value(std::move(status)); });
    return promise.get_future().get();
}

inline Result<std::vector<farm::AttemptRecord>> attempts_of(Store& store, AttemptQuery const& query)
{
    std::promise<Result<std::vector<farm::AttemptRecord>>> promise;
    store.attempts(query, [&](auto found) { promise.set_value(std::move(found)); });
    return promise.get_future().get();
}

inline Result<farm::Records> all_records(Store& store)
{
    farm::Records records;
    TRY(store.replay([&](farm::Record const& record) {
        records.push_back(record);
        return Status {};
    }));
    return records;
}

inline farm::JobRecord a_job(std::uint64_t id)
{
    farm::JobRecord record;
    record.id = { id };
    record.source = { "specificationVersion: jobtemplate-2023-09\n", "a.yaml",
        { { "Frames", "1-10" }, { "Out", "/tmp/\"ü\"" } },
        { { "specificationVersion: environment-2023-09\n", "environment 'conda'" }, {} } };
    record.project = "dunes";
    record.user = "ada";
    record.priority = -7;
    record.max_failed_tasks = 3;
    record.submitted_at = Wall(std::chrono::seconds(1'700'000'000));
    return record;
}

inline farm::NodeRecord a_node(std::uint64_t id)
{
    farm::NodeRecord record;
    record.id = { id };
    record.key = "key-" + std::to_string(id);
    record.facts.name = "iron-" + std::to_string(id);
    record.facts.vcpus = 7.3;
    record.facts.gpus = { { "GPU-1", "A40", 48'318'382'080 } };
    record.facts.rate.usd_per_kwh = 0.3112;
    record.epoch = 2;
    record.agent_instance = ~std::uint64_t { 0 } - id;
    record.first_seen = Wall(std::chrono::seconds(1'600'000'000));
    record.power = { farm::NodePower::State::waking, Wall(std::chrono::seconds(1'700'000'000)),
        std::chrono::seconds(93), 2 };
    record.forgiven_at = Wall(std::chrono::seconds(1'650'000'000));
    return record;
}

inline farm::AttemptRecord a_lease(std::uint64_t id, std::uint64_t job, std::uint64_t task)
{
    farm::AttemptRecord record;
    record.id = { id };
    record.job = { job };
    record.step = 1;
    record.task = task;
    record.node = { 1 };
    record.node_epoch = 2;
    record.leased_at = Wall(std::chrono::seconds(1'700'000'000) + std::chrono::microseconds(id));
    record.gpus = { { "GPU-1", 46'080 }, { "GPU-2", 11'520, 0.25 } };
    return record;
}

inline farm::AttemptRecord ended(farm::AttemptRecord record, wire::Outcome outcome)
{
    record.state = farm::AttemptState::ended;
    record.ended_at = record.leased_at + std::chrono::seconds(5);
    record.outcome = outcome;
    if (outcome != wire::Outcome::succeeded) {
        record.cause = wire::Cause::no_licence;
        record.limit = "maya";
        record.exit_code = 3;
        record.signal = 9;
        record.message = "exit code 3";
        record.log_tail = std::string("\x00\xff tail", 7);
    }
    record.usage = { Duration(5'000'001), Duration(4'000'002), 1ull << 33, Duration(700'003),
        1ull << 34 };
    record.energy_wh = 0.1 + static_cast<double>(record.id.value) / 3;
    record.cost = { 1234 };
    return record;
}

}
