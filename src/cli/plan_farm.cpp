#include <cli/plan_farm.h>

#include <cli/client.h>
#include <cli/fields.h>
#include <plan/claim_words.h>

namespace sidereal::cli {

namespace {

constexpr double gib = 1024.0 * 1024 * 1024;

// "rtx-3090:24+rtx-3090:24", with the memory that the node reports.
Result<std::string> machine_text(Json const& facts, plan::Catalog const& catalog)
{
    std::string text;
    for (auto const& gpu : list_at(facts, "gpus")) {
        auto const name = text_at(gpu, "name");
        auto const id = plan::machine_in(plan::split_claim(name), catalog);
        if (!id)
            return fail(ErrorCode::not_found,
                "the catalogue has no '{}': add it to a catalogue of your own", name);
        text += text.empty() ? "" : "+";
        text += *id;
        if (auto const memory = number_at(gpu, "memory_bytes"); memory > 0)
            text += fmt::format(":{:.2f}", memory / gib);
    }
    if (text.empty())
        return fail(ErrorCode::not_found, "it has no GPU");
    return text;
}

}

Result<std::vector<FarmMachine>> farm_machines(
    Context const& context, plan::Catalog const& catalog, std::vector<std::string>& left_out)
{
    auto const client = TRY(Client::of(context));
    auto const answer = TRY(client.get("/v1/nodes"));
    std::vector<FarmMachine> machines;
    for (auto const& listed : list_at(answer, "nodes")) {
        auto const node = TRY(client.get(fmt::format("/v1/nodes/{}", count_at(listed, "id"))));
        auto const text = machine_text(object_at(node, "facts"), catalog);
        if (!text) {
            left_out.push_back(
                fmt::format("node {}: {}", text_at(node, "name"), text.error().message));
            continue;
        }
        auto machine = TRY(plan::read_machine(*text, {}, catalog));
        machine.text = fmt::format("{} ({})", text_at(node, "name"),
            machine.devices.size() == 1
                ? machine.devices.front().id
                : fmt::format("{}x {}", machine.devices.size(), machine.devices.front().id));
        machines.push_back({ std::move(machine), number_at(node, "memory_bytes") / gib });
    }
    return machines;
}

}
