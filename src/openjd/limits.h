#pragma once

#include <openjd/extension.h>

#include <cstddef>
#include <cstdint>

namespace sidereal::openjd {

// The sizes that the base specification (2023-09) allows; lengths count code points.
struct Limits {
    std::size_t job_name { 128 };
    std::size_t step_name { 64 };
    std::size_t environment_name { 64 };
    std::size_t identifier { 64 };
    std::size_t job_parameters { 50 };
    std::size_t file_name { 64 };
    std::size_t description { 2048 };
    std::size_t parameter_value { 1024 };
    std::size_t label { 64 };
    std::size_t file_filters { 20 };
    std::size_t file_patterns { 20 };
    std::size_t file_pattern { 20 };
    std::size_t task_parameters { 16 };
    std::size_t range_list { 1024 };
    std::size_t task_value { 1024 };
    std::size_t combination { 1280 };
    std::size_t capability_name { 100 };
    std::size_t attribute_value { 100 };
    std::size_t attribute_values { 50 };
    std::size_t requirements { 50 };
    std::size_t variable_name { 256 };
    std::size_t variable_value { 2048 };
    std::int64_t notify_period_s { 600 };
    std::size_t let_bindings { 50 };

    // Ours, where the specification names none.
    std::int64_t timeout_s { 1'000'000'000 };
    std::size_t steps { 10'000 };
    std::size_t faults { 200 };
    // Of one document.
    std::size_t expressions { 20'000 };
    std::size_t expression_bytes { 256U << 10 };
};

// FEATURE_BUNDLE_1 widens some.
Limits limits_with(Extensions extensions);

}
