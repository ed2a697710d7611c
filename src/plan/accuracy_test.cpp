#include <plan/accuracy.h>

#include <gtest/gtest.h>

#include <iostream>

namespace sidereal::plan {

namespace {

double mean_error(std::vector<AccuracyRow> const& rows, std::string_view phase)
{
    double sum = 0;
    int count = 0;
    for (auto const& row : rows) {
        if (row.phase != phase)
            continue;
        sum += row.error();
        ++count;
    }
    return count ? sum / count : 1;
}

TEST(Accuracy, predictions_stay_close_to_the_calibration_points)
{
    auto const rows = check_accuracy(shipped_catalog());
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    int inside = 0;
    for (auto const& row : *rows) {
        std::cout << fmt::format("{:8} {:55} {:9.2f} {:9.2f} {:+6.1f} %\n", row.phase,
            row.name.substr(0, 55), row.measured, row.predicted.value, 100 * row.signed_error());
        inside += row.is_inside() ? 1 : 0;
    }
    std::cout << fmt::format("decode {:.3f} tensor {:.3f} prefill {:.3f} inside {}/{}\n",
        mean_error(*rows, "decode"), mean_error(*rows, "tensor"), mean_error(*rows, "prefill"),
        inside, rows->size());
    EXPECT_LE(mean_error(*rows, "decode"), 0.05);
    EXPECT_LE(mean_error(*rows, "prefill"), 0.10);
    EXPECT_LE(mean_error(*rows, "tensor"), 0.12);
}

}

}
