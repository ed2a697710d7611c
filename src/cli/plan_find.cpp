#include <cli/plan_find.h>

#include <cli/output.h>
#include <cli/plan_drawing.h>

namespace sidereal::cli {

namespace {

void show(Table const& table, std::string const& json, PlanFormat format)
{
    print(stdout,
        format == PlanFormat::csv        ? table.csv()
            : format == PlanFormat::json ? json + "\n"
                                         : table.draw(colors_wanted(stdout)));
}

Result<int> show_count(PlanQuestion const& asked, bool context_asked, PlanFormat format)
{
    Table table(
        { { "MACHINE" }, { context_asked ? "LARGEST CONTEXT" : "MOST STREAMS", Align::right } });
    JsonWriter json;
    json.begin_array();
    for (auto const& machine : asked.machines) {
        auto const most = context_asked
            ? TRY(plan::most_context(asked.model, machine, asked.workload, asked.catalog))
            : TRY(plan::most_streams(asked.model, machine, asked.workload, asked.catalog));
        table.add({ machine.text, fmt::format("{}", most) });
        json.begin_object()
            .field("machine", machine.text)
            .field(context_asked ? "largest_context_tokens" : "most_streams", most)
            .end_object();
    }
    show(table, json.end_array().take(), format);
    return 0;
}

std::string choices_json(std::vector<plan::Choice> const& choices)
{
    JsonWriter json;
    json.begin_array();
    for (auto const& choice : choices)
        json.begin_object()
            .field("machine", choice.what)
            .field("quant", choice.plan.weights.quant)
            .field("price_usd", choice.price_usd)
            .field("decode_tokens_per_s", choice.plan.decode.value)
            .field("decode_tokens_per_s_low_80", choice.plan.decode.low)
            .field("decode_tokens_per_s_high_80", choice.plan.decode.high)
            .field("usd_per_million_tokens", choice.plan.usd_per_mtok)
            .end_object();
    return json.end_array().take();
}

Table choices_csv(std::vector<plan::Choice> const& choices)
{
    Table table({ { "machine" }, { "quant" }, { "price_usd" }, { "decode_tokens_per_s" },
        { "decode_tokens_per_s_low_80" }, { "decode_tokens_per_s_high_80" },
        { "usd_per_million_tokens" } });
    auto const text = [](std::optional<double> value) {
        return value ? fmt::format("{:.6g}", *value) : std::string();
    };
    for (auto const& choice : choices) {
        auto const& decode = choice.plan.decode;
        table.add(
            { choice.what, choice.plan.weights.quant, text(choice.price_usd), text(decode.value),
                text(decode.low), text(decode.high), text(choice.plan.usd_per_mtok) });
    }
    return table;
}

}

Result<int> find_plan(
    PlanQuestion const& asked, std::string_view what, double min_decode, PlanFormat format)
{
    plan::Wanted const wanted { min_decode };
    if (what == "context" || what == "streams")
        return show_count(asked, what == "context", format);
    std::vector<plan::Choice> choices;
    if (what == "machine") {
        // Said once, not for each machine in vain.
        TRY(plan::size_weights(
            asked.model, asked.workload.quant, asked.workload.engine, asked.catalog));
        choices = plan::cheapest_machines(
            asked.model, asked.workload, wanted, asked.catalog, asked.calibration);
    } else {
        for (auto const& machine : asked.machines) {
            auto best = TRY(plan::best_quant(
                asked.model, machine, asked.workload, wanted, asked.catalog, asked.calibration));
            if (!best)
                continue;
            best->what = machine.text;
            choices.push_back(std::move(*best));
        }
    }
    if (choices.empty())
        return fail(ErrorCode::not_found,
            "nothing in the catalogue holds {}{}: ask for less, or "
            "for a smaller quant or context",
            asked.model.id,
            min_decode > 0 ? fmt::format(" and gives {} tokens/s", min_decode) : "");
    show(format == PlanFormat::csv ? choices_csv(choices) : choice_table(choices),
        choices_json(choices), format);
    return 0;
}

Result<int> plan_two_phases(
    PlanQuestion const& asked, plan::TwoPhaseInput const& input, PlanFormat format)
{
    Table table({ { "DECODE ON" }, { "PREFILL s", Align::right }, { "SENT s", Align::right },
        { "WAITED s", Align::right }, { "1ST TOKEN s", Align::right }, { "ANSWER s", Align::right },
        { "ALONE s", Align::right }, { "GAIN", Align::right } });
    JsonWriter json;
    json.begin_array();
    auto const number = [](double value) { return fmt::format("{:.2f}", value); };
    for (auto const& machine : asked.machines) {
        plan::TwoPhaseInput const on_both { input.prefill_on, machine, input.link_gb_per_s,
            input.answer_tokens, input.streamed };
        auto const phases = TRY(plan::plan_two_phases(
            asked.model, on_both, asked.workload, asked.catalog, asked.calibration));
        table.add({ machine.text, number(phases.prefill_s), number(phases.transfer_s),
            number(phases.waited_s), number(phases.first_token_s), number(phases.answer_s),
            number(phases.alone_s), number(phases.gain) });
        json.begin_object()
            .field("prefill_on", input.prefill_on.text)
            .field("decode_on", machine.text)
            .field("prefill_s", phases.prefill_s)
            .field("transfer_s", phases.transfer_s)
            .field("waited_s", phases.waited_s)
            .field("first_token_s", phases.first_token_s)
            .field("decode_tokens_per_s", phases.decode_tokens_per_s)
            .field("answer_s", phases.answer_s)
            .field("alone_s", phases.alone_s)
            .field("gain", phases.gain)
            .end_object();
    }
    if (format == PlanFormat::text)
        print(stdout,
            fmt::format(
                "the prompt of {} tokens on {}\n", asked.workload.prompt, input.prefill_on.text));
    show(table, json.end_array().take(), format);
    return 0;
}

}
