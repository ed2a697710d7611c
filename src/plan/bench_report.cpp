#include <plan/bench_report.h>

#include <base/json.h>
#include <plan/fields.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace sidereal::plan {

namespace {

constexpr Range speed { 1e-3, 1e9 };
constexpr Range tokens { 0, 1e8 };

// A test with both a prompt and an answer cannot be told apart.
bool is_one_phase(BenchRun const& run) { return (run.prompt > 0) != (run.generated > 0); }

void add(std::vector<BenchRun>& runs, BenchRun run)
{
    if (!is_one_phase(run))
        return;
    run.phase = run.generated > 0 ? "decode" : "prefill";
    runs.push_back(std::move(run));
}

Result<BenchRun> read_llama_object(JsonObject const& object, std::string where)
{
    Fields fields(object, std::move(where));
    BenchRun run;
    run.engine = "llama.cpp";
    if (auto const build = fields.maybe_count("build_number", { 0, 1e9 }); build && *build > 0)
        run.version = fmt::format("{}", *build);
    run.model = fields.text("model_type");
    run.device = fields.maybe_text("gpu_info").value_or("");
    if (run.device.empty())
        run.device = fields.maybe_text("cpu_info").value_or("");
    run.cache_type = fields.maybe_text("type_k").value_or("f16");
    run.prompt = fields.count("n_prompt", tokens);
    run.generated = fields.count("n_gen", tokens);
    run.depth = fields.maybe_count("n_depth", tokens).value_or(0);
    run.micro_batch = fields.maybe_count("n_ubatch", { 1, 65'536 }).value_or(512);
    run.tokens_per_s = fields.number("avg_ts", speed);
    for (auto const& pair : object)
        fields.skip(std::string_view(pair.key()));
    TRY(fields.finish());
    return run;
}

Result<std::vector<BenchRun>> read_llama_json(JsonArray const& array, std::string_view name)
{
    std::vector<BenchRun> runs;
    std::size_t index = 0;
    for (auto const& entry : array) {
        auto const* object = TRY(as_object(entry, name));
        add(runs, TRY(read_llama_object(*object, fmt::format("{}: run {}", name, index++))));
    }
    return runs;
}

Result<std::vector<BenchRun>> read_vllm_json(JsonObject const& object, std::string_view name)
{
    Fields fields(object, std::string(name));
    BenchRun run;
    run.engine = "vllm";
    run.phase = "decode";
    run.model = fields.maybe_text("model_id").value_or("");
    run.streams = fields.maybe_count("max_concurrency", { 1, 65'536 }).value_or(1);
    auto const requests = fields.maybe_number("num_prompts", { 1, 1e9 });
    auto const input = fields.maybe_number("total_input_tokens", { 0, 1e12 });
    auto const output = fields.maybe_number("total_output_tokens", { 0, 1e12 });
    if (requests && input)
        run.depth = static_cast<std::int64_t>(*input / *requests);
    if (requests && output)
        run.generated = static_cast<std::int64_t>(*output / *requests);
    // What one stream sees between its tokens.
    auto const per_token_ms = fields.number("mean_tpot_ms", { 1e-3, 1e9 });
    run.tokens_per_s = 1000 / per_token_ms;
    auto const first_ms = fields.maybe_number("mean_ttft_ms", { 1e-3, 1e9 });
    for (auto const& pair : object)
        fields.skip(std::string_view(pair.key()));
    TRY(fields.finish());
    std::vector<BenchRun> runs { run };
    // With more at a time a prompt waits for others.
    if (first_ms && run.streams == 1 && run.depth > 0) {
        auto prompt = run;
        prompt.phase = "prefill";
        prompt.prompt = run.depth;
        prompt.depth = prompt.generated = 0;
        prompt.tokens_per_s = static_cast<double>(prompt.prompt) * 1000 / *first_ms;
        runs.push_back(std::move(prompt));
    }
    return runs;
}

std::string_view trimmed(std::string_view text)
{
    auto const is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string> cells_of(std::string_view line, char separator)
{
    std::vector<std::string> cells;
    std::string cell;
    auto quoted = false;
    for (auto const c : line) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            cells.emplace_back(trimmed(cell));
            cell.clear();
        } else {
            cell += c;
        }
    }
    cells.emplace_back(trimmed(cell));
    return cells;
}

using Row = std::map<std::string, std::string, std::less<>>;

std::optional<double> number_in(Row const& row, std::string_view name)
{
    auto const found = row.find(name);
    if (found == row.end())
        return {};
    double value = 0;
    auto const& text = found->second;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc {} && end != text.data() ? std::optional(value) : std::nullopt;
}

std::string text_in(Row const& row, std::string_view name, std::string_view usual = "")
{
    auto const found = row.find(name);
    return found == row.end() ? std::string(usual) : found->second;
}

std::int64_t count_in(Row const& row, std::string_view name, std::int64_t usual)
{
    auto const number = number_in(row, name);
    return number && *number >= 0 && *number < 1e8 ? static_cast<std::int64_t>(*number) : usual;
}

// "pp512", "tg128 @ d4096".
void read_test(std::string_view test, BenchRun& run)
{
    auto const number_after = [&](std::string_view word) -> std::int64_t {
        auto const at = test.find(word);
        if (at == test.npos)
            return 0;
        std::int64_t value = 0;
        auto const rest = test.substr(at + word.size());
        std::from_chars(rest.data(), rest.data() + rest.size(), value);
        return std::clamp<std::int64_t>(value, 0, 100'000'000);
    };
    run.prompt = number_after("pp");
    run.generated = number_after("tg");
    run.depth = number_after("@ d");
}

Result<BenchRun> read_row(Row const& row, std::string_view name, std::size_t line)
{
    BenchRun run;
    run.engine = "llama.cpp";
    auto const is_markdown = row.contains("t/s");
    run.model = text_in(row, is_markdown ? "model" : "model_type");
    run.device = text_in(row, "gpu_info");
    run.version = text_in(row, "build_number");
    run.cache_type = text_in(row, "type_k", "f16");
    run.micro_batch = std::max<std::int64_t>(count_in(row, "n_ubatch", 512), 1);
    if (is_markdown) {
        read_test(text_in(row, "test"), run);
    } else {
        run.prompt = count_in(row, "n_prompt", 0);
        run.generated = count_in(row, "n_gen", 0);
        run.depth = count_in(row, "n_depth", 0);
    }
    auto const rate = number_in(row, is_markdown ? "t/s" : "avg_ts");
    if (!rate || !(*rate >= speed.min && *rate <= speed.max))
        return fail(ErrorCode::invalid_input, "{}: line {}: expected tokens a second in '{}'", name,
            line, is_markdown ? "t/s" : "avg_ts");
    run.tokens_per_s = *rate;
    return run;
}

// Lines of a table; the first one names the columns.
Result<std::vector<BenchRun>> read_table(
    std::string_view text, char separator, std::string_view name)
{
    std::vector<BenchRun> runs;
    std::vector<std::string> columns;
    std::size_t line_number = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        auto const line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++line_number;
        if (line.find(separator) == line.npos || line.find("---") != line.npos)
            continue;
        auto const cells = cells_of(line, separator);
        if (columns.empty()) {
            columns = cells;
            continue;
        }
        Row row;
        for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i)
            row[columns[i]] = cells[i];
        add(runs, TRY(read_row(row, name, line_number)));
    }
    return runs;
}

std::string_view first_line(std::string_view text)
{
    return trimmed(text.substr(0, text.find('\n')));
}

// From the first line on that can be a report: what was logged before it is left out.
std::string_view without_log(std::string_view text)
{
    auto rest = text;
    while (!rest.empty()) {
        auto const line = first_line(rest);
        if (line.starts_with('|') || line.starts_with('{') || line.starts_with('[')
            || line.find("avg_ts") != line.npos)
            return rest.substr(rest.find_first_not_of(" \t"));
        auto const end = rest.find('\n');
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    return text;
}

// One object a line, as 'llama-bench -o jsonl' prints.
Result<std::vector<BenchRun>> read_llama_lines(std::string_view text, std::string_view name)
{
    JsonArray all;
    while (!text.empty()) {
        auto const line = first_line(text);
        auto const end = text.find('\n');
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (!line.starts_with('{'))
            continue;
        auto parsed = parse_json(line);
        if (!parsed)
            return fail(parsed.error().code, "{}: line {}: {}", name, all.size() + 1,
                parsed.error().message);
        all.push_back(std::move(*parsed));
    }
    return read_llama_json(all, name);
}

// The version stands below the table: "build: 2f68ce7cf (6918)".
std::vector<BenchRun> with_build(std::vector<BenchRun> runs, std::string_view text)
{
    auto const build = text.find("\nbuild: ");
    if (build == text.npos)
        return runs;
    auto const line = first_line(text.substr(build + 1));
    auto const open = line.rfind('(');
    auto const close = line.rfind(')');
    if (open == line.npos || close == line.npos || close <= open + 1)
        return runs;
    auto const number = line.substr(open + 1, close - open - 1);
    if (number.find_first_not_of("0123456789") != number.npos || number == "0")
        return runs;
    for (auto& run : runs) {
        if (run.version.empty())
            run.version = number;
    }
    return runs;
}

}

Result<std::vector<BenchRun>> read_bench_report(std::string_view text, std::string_view name)
{
    auto const rest = without_log(text);
    if (rest.starts_with('|'))
        return with_build(TRY(read_table(rest, '|', name)), rest);
    if (!rest.starts_with('[') && !rest.starts_with('{')) {
        if (first_line(rest).find("avg_ts") != rest.npos)
            return read_table(rest, ',', name);
        return fail(ErrorCode::invalid_input,
            "{}: expected what 'llama-bench -o json' (or jsonl, csv, md) prints, or what 'vllm "
            "bench serve --save-result' saves",
            name);
    }
    if (auto const line = first_line(rest);
        line.size() < rest.size() && line.ends_with('}') && line.find("\"avg_ts\"") != line.npos)
        return read_llama_lines(rest, name);
    auto const parsed = parse_json(rest);
    if (!parsed)
        return fail(parsed.error().code, "{}: {}", name, parsed.error().message);
    if (parsed->is_array())
        return read_llama_json(parsed->get_array(), name);
    return read_vllm_json(*TRY(as_object(*parsed, name)), name);
}

}
