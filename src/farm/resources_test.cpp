#include <farm/resources.h>

#include <gtest/gtest.h>

namespace sidereal::farm {

namespace {

wire::NodeFacts workstation()
{
    wire::NodeFacts facts;
    facts.os_family = "linux";
    facts.cpu_arch = "x86_64";
    facts.vcpus = 8;
    facts.memory_bytes = 32ull << 30;
    facts.scratch_bytes = 100ull << 30;
    facts.gpus = { { "1", "A40", 48ull << 30 }, { "2", "A2", 16ull << 30 } };
    facts.amounts = { { "houdini", 2 } };
    facts.attributes = { { "attr.site", { "berlin", "rack-2" } } };
    return facts;
}

std::optional<std::string> misfit_of(openjd::HostRequirements const& requirements)
{
    return misfit(demand_of(requirements), workstation(), capacity_of(workstation()));
}

openjd::HostRequirements amount(std::string name, double min)
{
    return { { { std::move(name), min, std::nullopt } }, {} };
}

openjd::HostRequirements attribute(
    std::string name, std::vector<std::string> any_of, std::vector<std::string> all_of)
{
    return { {}, { { std::move(name), std::move(any_of), std::move(all_of) } } };
}

}

TEST(Resources, capacity_is_in_the_units_of_openjd)
{
    EXPECT_EQ(capacity_of(workstation()),
        (Amounts { { "worker.vcpu", 8 }, { "worker.memory", 32768 }, { "worker.disk.scratch", 100 },
            { "worker.gpu", 2 }, { "worker.gpu.memory", 49152 }, { "houdini", 2 } }));
    EXPECT_EQ(capacity_of({}).get("worker.gpu.memory"), 0);
}

TEST(Resources, a_step_takes_one_vcpu_unless_it_says_otherwise)
{
    EXPECT_EQ(demand_of({}).reserved, (Amounts { { "worker.vcpu", 1 } }));
    EXPECT_EQ(demand_of(amount("amount.worker.vcpu", 4)).vcpus(), 4);
    EXPECT_EQ(demand_of(amount("amount.worker.memory", 512)).reserved,
        (Amounts { { "worker.vcpu", 1 }, { "worker.memory", 512 } }));
}

TEST(Resources, who_asks_for_a_gpus_memory_gets_a_gpu_that_has_it)
{
    auto const demand = demand_of(amount("amount.worker.gpu.memory", 8000));
    EXPECT_EQ(demand.reserved, (Amounts { { "worker.vcpu", 1 }, { "worker.gpu", 1 } }));
    EXPECT_EQ(demand.floors, (Amounts { { "worker.gpu.memory", 8000 } }));
    EXPECT_EQ(misfit_of(amount("amount.worker.gpu.memory", 20000)), std::nullopt);
    EXPECT_EQ(misfit_of(amount("amount.worker.gpu.memory", 50000)),
        "needs 50000 worker.gpu.memory, the node has 49152");
    auto two = amount("amount.worker.gpu.memory", 20000);
    two.amounts.push_back({ "amount.worker.gpu", 2, std::nullopt });
    EXPECT_EQ(misfit_of(two), "needs 2 GPUs of 20000 MiB, the node has 1");
}

TEST(Resources, what_each_gpu_offers_is_compared_and_not_used_up)
{
    auto const demand = demand_of(amount("amount.worker.gpu.memory_bandwidth_gb_per_s", 400));
    EXPECT_EQ(demand.reserved, (Amounts { { "worker.vcpu", 1 } }));
    EXPECT_EQ(demand.floors, (Amounts { { "worker.gpu.memory_bandwidth_gb_per_s", 400 } }));
}

TEST(Resources, a_limit_is_no_capability_of_a_node)
{
    auto const demand = demand_of(amount("amount.limit.maya", 2));
    EXPECT_EQ(demand.reserved, (Amounts { { "worker.vcpu", 1 } }));
    EXPECT_EQ(demand.limits, (std::vector<Amounts::Entry> { { "maya", 2 } }));
}

TEST(Resources, a_misfit_names_the_amount)
{
    EXPECT_EQ(misfit_of({}), std::nullopt);
    EXPECT_EQ(misfit_of(amount("amount.worker.vcpu", 8)), std::nullopt);
    EXPECT_EQ(misfit_of(amount("amount.worker.vcpu", 64)), "needs 64 worker.vcpu, the node has 8");
    EXPECT_EQ(misfit_of(amount("amount.nuke", 1)), "needs 1 nuke, the node has 0");
    EXPECT_EQ(misfit_of(amount("amount.houdini", 2)), std::nullopt);
}

TEST(Resources, a_misfit_names_the_attribute)
{
    EXPECT_EQ(
        misfit_of(attribute("attr.worker.os.family", { "windows", "linux" }, {})), std::nullopt);
    EXPECT_EQ(misfit_of(attribute("attr.worker.os.family", { "windows" }, {})),
        "needs another attr.worker.os.family than 'linux'");
    EXPECT_EQ(misfit_of(attribute("attr.worker.cpu.arch", {}, { "x86_64" })), std::nullopt);
    EXPECT_EQ(misfit_of(attribute("attr.site", {}, { "berlin", "rack-2" })), std::nullopt);
    EXPECT_TRUE(misfit_of(attribute("attr.site", {}, { "berlin", "rack-3" })).has_value());
    EXPECT_EQ(misfit_of(attribute("attr.site", { "Berlin" }, { "RACK-2" })), std::nullopt);
    EXPECT_TRUE(misfit_of(attribute("attr.absent", { "x" }, {})).has_value());
}

}
