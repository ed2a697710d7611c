#include <plan/accuracy.h>

#include <plan/fields.h>
#include <plan/shipped.h>
#include <plan/speed.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace sidereal::plan {

namespace {

// Of leave_one_out: factors of e^(step x -reach) to e^(step x reach) on both parameters.
constexpr int grid_reach = 6;
constexpr double bandwidth_step = 0.02;
constexpr double layer_step = 0.15;

Result<AccuracyRow> check_point(Fields& fields, Catalog const& catalog)
{
    AccuracyRow row;
    row.name = fields.text("case");
    fields.call(row.name);
    row.set = fields.maybe_text("set").value_or("");
    row.phase = fields.word("phase", { "decode", "batched", "tensor", "prefill" });
    row.engine = fields.text("engine");
    row.measured = fields.number("measured_tokens_per_s", { 1e-3, 1e9 });
    row.source = fields.text("source");
    Workload workload;
    workload.engine = row.engine;
    workload.quant = fields.text("quant");
    workload.prompt = fields.count("prompt", { 1, 1e6 });
    workload.depth = fields.maybe_count("depth", { 1, 1e6 }).value_or(0);
    workload.cached = fields.maybe_count("cached", { 1, 1e6 }).value_or(0);
    workload.micro_batch
        = fields.maybe_count("micro_batch", { 1, 65'536 }).value_or(workload.micro_batch);
    workload.streams = fields.maybe_count("streams", { 1, 65'536 }).value_or(1);
    workload.context = std::max(
        { workload.context, workload.prompt + workload.cached, workload.depth + 1 });
    auto const model_id = fields.text("model");
    auto const machine_id = fields.text("machine");
    TRY(fields.finish());
    auto const machine = TRY(read_machine(machine_id, {}, catalog));
    row.device = machine.devices.front().id;
    row.family = machine.devices.front().family;
    row.profile = TRY(find_profile(machine.devices.front(), row.engine, catalog))->id;
    auto const model = model_of(*TRY(find_model(catalog, model_id)));
    auto const plan = TRY(plan_model(model, machine, workload, catalog));
    row.predicted = row.phase == "prefill" ? plan.prefill : plan.decode;
    return row;
}

double quantile(std::vector<double> sorted, double share)
{
    auto const last = static_cast<double>(sorted.size() - 1);
    return sorted[static_cast<std::size_t>(std::lround(share * last))];
}

bool is_refitted(AccuracyRow const& row) { return row.phase == "decode"; }

// One point of the grid: all rows predicted with every profile changed alike.
Result<std::vector<AccuracyRow>> predict_changed(Catalog const& catalog, int bandwidth, int layer)
{
    auto changed = catalog;
    for (auto& profile : changed.engines) {
        profile.bandwidth_efficiency = std::min(
            1.0, profile.bandwidth_efficiency * std::exp(bandwidth_step * bandwidth));
        profile.layer_dense_us *= std::exp(layer_step * layer);
        profile.layer_moe_us *= std::exp(layer_step * layer);
    }
    return check_accuracy(changed);
}

double error_without(std::vector<AccuracyRow> const& rows, std::size_t left_out)
{
    double sum = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i != left_out && is_refitted(rows[i]) && rows[i].profile == rows[left_out].profile)
            sum += rows[i].error();
    }
    return sum;
}

}

Result<std::vector<AccuracyRow>> check_points(
    std::string_view json, std::string_view name, Catalog const& catalog)
{
    auto const parsed = TRY(parse_json(json));
    Fields document(*TRY(as_object(parsed, name)), std::string(name));
    std::vector<AccuracyRow> rows;
    for (auto const* point : document.objects("points")) {
        Fields fields(*point, fmt::format("{}: points[{}]", name, rows.size()));
        rows.push_back(TRY(check_point(fields, catalog)));
    }
    TRY(document.finish());
    return rows;
}

Result<std::vector<AccuracyRow>> check_accuracy(Catalog const& catalog)
{
    return check_points(shipped::calibration, "calibration.json", catalog);
}

ErrorSummary summarize(std::vector<AccuracyRow> const& rows)
{
    ErrorSummary summary;
    std::vector<double> errors;
    for (auto const& row : rows) {
        errors.push_back(row.error());
        summary.mean += row.error();
        summary.bias += row.signed_error();
        summary.inside += row.is_inside() ? 1 : 0;
    }
    if (rows.empty())
        return summary;
    auto const count = static_cast<double>(rows.size());
    std::sort(errors.begin(), errors.end());
    summary.points = static_cast<int>(rows.size());
    summary.mean /= count;
    summary.bias /= count;
    summary.inside /= count;
    summary.median = quantile(errors, 0.5);
    summary.p90 = quantile(errors, 0.9);
    return summary;
}

Result<std::vector<AccuracyRow>> leave_one_out(Catalog const& catalog)
{
    std::vector<std::vector<AccuracyRow>> grid;
    for (int bandwidth = -grid_reach; bandwidth <= grid_reach; ++bandwidth) {
        for (int layer = -grid_reach; layer <= grid_reach; ++layer)
            grid.push_back(TRY(predict_changed(catalog, bandwidth, layer)));
    }
    std::vector<AccuracyRow> left_out;
    for (std::size_t i = 0; i < grid.front().size(); ++i) {
        if (!is_refitted(grid.front()[i]) || grid.front()[i].set != "seed")
            continue;
        auto const best = std::min_element(
            grid.begin(), grid.end(), [&](auto const& a, auto const& b) {
                return error_without(a, i) < error_without(b, i);
            });
        left_out.push_back((*best)[i]);
    }
    return left_out;
}

}
