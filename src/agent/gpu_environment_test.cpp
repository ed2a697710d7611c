#include <agent/gpu_environment.h>

#include <gtest/gtest.h>

namespace sidereal::agent {

namespace {

using Lines = std::vector<std::string>;

std::vector<wire::Gpu> const gpus { { "GPU-a", "A40", 48ull << 30 }, { "GPU-b", "A2", 16ull << 30 },
    { "GPU-c", "A2", 16ull << 30 } };

TEST(GpuEnvironment, names_those_given_and_no_others)
{
    EXPECT_EQ(gpu_environment(gpus, { { "GPU-b", 16'384 }, { "GPU-c", 16'384 } }),
        (Lines { "CUDA_VISIBLE_DEVICES=GPU-b,GPU-c", "ROCR_VISIBLE_DEVICES=GPU-b,GPU-c",
            "HIP_VISIBLE_DEVICES=0,1", "ZE_AFFINITY_MASK=1,2", "SIDEREAL_GPUS=GPU-b,GPU-c" }));
}

TEST(GpuEnvironment, work_without_gpus_sees_none)
{
    EXPECT_EQ(gpu_environment(gpus, {}),
        (Lines { "CUDA_VISIBLE_DEVICES=-1", "ROCR_VISIBLE_DEVICES=-1", "HIP_VISIBLE_DEVICES=-1",
            "ZE_AFFINITY_MASK=-1", "SIDEREAL_GPUS=" }));
    EXPECT_EQ(gpu_environment({}, {}), Lines {});
}

}

}
