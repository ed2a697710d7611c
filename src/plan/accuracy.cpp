#include <plan/accuracy.h>

#include <plan/fields.h>
#include <plan/shipped.h>

namespace sidereal::plan {

namespace {

Result<AccuracyRow> check_point(JsonObject const& object, Catalog const& catalog)
{
    Fields fields(object, "calibration.json");
    AccuracyRow row;
    row.name = fields.text("case");
    row.phase = fields.word("phase", { "decode", "tensor", "prefill" });
    row.engine = fields.text("engine");
    row.measured = fields.number("measured_tokens_per_s", { 1e-3, 1e9 });
    Workload workload;
    workload.engine = row.engine;
    workload.quant = fields.text("quant");
    workload.prompt = fields.count("prompt", { 1, 1e6 });
    workload.depth = fields.maybe_count("depth", { 1, 1e6 }).value_or(0);
    auto const model_id = fields.text("model");
    auto const machine_id = fields.text("machine");
    fields.skip("source");
    TRY(fields.finish());
    auto const machine = TRY(read_machine(machine_id, {}, catalog));
    row.family = machine.devices.front().family;
    auto const model = model_of(*TRY(find_model(catalog, model_id)));
    auto const plan = TRY(plan_model(model, machine, workload, catalog));
    row.predicted = row.phase == "prefill" ? plan.prefill : plan.decode;
    return row;
}

}

Result<std::vector<AccuracyRow>> check_accuracy(Catalog const& catalog)
{
    auto const json = TRY(parse_json(shipped::calibration));
    Fields document(*TRY(as_object(json, "calibration.json")), "calibration.json");
    std::vector<AccuracyRow> rows;
    for (auto const* point : document.objects("points"))
        rows.push_back(TRY(check_point(*point, catalog)));
    TRY(document.finish());
    return rows;
}

}
