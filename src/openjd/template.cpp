#include <openjd/template.h>

#include <openjd/template_reader.h>

#include <algorithm>
#include <map>
#include <set>

namespace sidereal::openjd {

namespace {

constexpr std::string_view job_version = "jobtemplate-2023-09";
constexpr std::string_view environment_version = "environment-2023-09";

bool is_version(Place const& root, std::string_view wanted)
{
    auto const& node = root.node();
    if (node.kind != Node::Kind::map) {
        root.expected("an object with the field specificationVersion");
        return false;
    }
    auto const* const version = node.find("specificationVersion");
    if (!version || version->kind == Node::Kind::null) {
        root.fault("the field 'specificationVersion' is missing; expected '{}'", wanted);
        return false;
    }
    if (version->kind == Node::Kind::string && version->text == wanted)
        return true;
    auto message = fmt::format(
        "'{}' is not read here; expected '{}'", excerpt(version->text), wanted);
    if (version->text == environment_version)
        message += "; this is an environment template";
    if (version->text == job_version)
        message += "; this is a job template";
    root.faults().add(version->line, version->column, "specificationVersion", std::move(message));
    return false;
}

using Names = std::set<std::string, std::less<>>;

// The environments' names must differ from each other and from those taken already.
Names check_environment_names(Place const& list, Names const& taken)
{
    Names seen;
    if (list.node().kind != Node::Kind::list)
        return seen;
    for (std::size_t i = 0; i < list.node().children.size(); ++i) {
        auto const* const name = list.node().children[i].find("name");
        if (!name || name->kind != Node::Kind::string)
            continue;
        if (taken.contains(name->text) || !seen.insert(name->text).second)
            list.item(i).complain_at(name->line, name->column,
                fmt::format("an environment '{}' is there already; names must differ",
                    excerpt(name->text)));
    }
    return seen;
}

struct JobContext {
    Limits limits;
    // But for its own name's text.
    Scopes scopes;
    Names environment_names;
    // How many of the job's environments wrap what is inside them.
    std::size_t wrapping { 0 };
};

std::size_t count_wrapping(std::vector<Environment> const& environments)
{
    return static_cast<std::size_t>(std::count_if(environments.begin(), environments.end(),
        [](Environment const& environment) { return environment.hooks.has_value(); }));
}

// A session has one environment that wraps actions; `outside` are those around these.
void check_layers(
    Place const& list, std::vector<Environment> const& environments, std::size_t outside)
{
    auto const inside = count_wrapping(environments);
    if (inside > 0 && inside + outside > 1)
        list.fault(
            "{} environments wrap the actions of one session; at most one may", inside + outside);
}

// Step.Name and the step's own let bindings.
Scopes step_scopes(Fields const& fields, JobContext const& context, StepTemplate& out)
{
    auto scopes = context.scopes.inner();
    if (fields.place().declares(Extension::expr)) {
        scopes.job.add("", "Step.Name", expr::string_type);
        scopes.host.add("", "Step.Name", expr::string_type);
    }
    auto const list = fields.get("let");
    if (!list)
        return scopes;
    for (auto& let : read_lets(*list, scopes.job, context.limits)) {
        auto const& node = let.place.node();
        out.lets.push_back({ std::move(let.binding), node.line, node.column });
    }
    // Also those that could not be read, so that their use is not a fault as well.
    for (auto const& [name, value] : scopes.job.names.values)
        scopes.host.names.values.emplace(name, value);
    return scopes;
}

StepTemplate read_step(Place const& place, JobContext const& context)
{
    Fields const fields(place,
        { "name", "description", "let", "dependencies", "stepEnvironments", "hostRequirements",
            "parameterSpace", "script", "bash", "python", "cmd", "powershell", "node" });
    auto const& limits = context.limits;
    StepTemplate out;
    out.line = place.node().line;
    out.column = place.node().column;
    if (auto const name = fields.need("name"))
        out.name
            = read_text(*name, { 1, limits.step_name, TextRule::Controls::refused }).value_or("");
    out.description = read_description(fields, limits);
    auto const scopes = step_scopes(fields, context, out);
    if (auto const list = fields.get("stepEnvironments")) {
        out.environments = read_environments(*list, scopes, limits);
        check_environment_names(*list, context.environment_names);
        check_layers(*list, out.environments, context.wrapping);
    }
    if (auto const requirements = fields.get("hostRequirements"))
        read_host_requirements(*requirements, scopes.job, limits, out);
    auto task_scopes = scopes.inner();
    if (auto const space = fields.get("parameterSpace"))
        read_parameter_space(*space, scopes.job, limits, out, task_scopes.host);
    read_step_scripts(fields, task_scopes, limits, out);
    return out;
}

using StepIndex = std::map<std::string, std::size_t, std::less<>>;

// A hint; not worth the search among very many steps.
std::string nearest_step(std::string_view name, StepIndex const& index)
{
    if (index.size() > 1000)
        return {};
    std::vector<std::string_view> names;
    for (auto const& entry : index)
        names.push_back(entry.first);
    return did_you_mean(name, names);
}

void read_dependencies(Place const& step_place, StepIndex const& index, StepTemplate& step)
{
    auto const list = find_field(step_place, "dependencies");
    if (!list)
        return;
    for (auto const& item : read_list(*list, { 1, index.size() + 1 })) {
        Fields const fields(item, { "dependsOn" });
        auto const target = fields.need("dependsOn");
        auto const name = target
            ? read_text(*target, { 1, static_cast<std::size_t>(-1), TextRule::Controls::allowed })
            : std::nullopt;
        if (!name)
            continue;
        auto const found = index.find(*name);
        if (found == index.end()) {
            target->fault("there is no step '{}'{}", excerpt(*name), nearest_step(*name, index));
            continue;
        }
        auto& known = step.depends_on;
        if (*name == step.name)
            target->fault("the step '{}' depends on itself", excerpt(*name));
        else if (std::find(known.begin(), known.end(), found->second) != known.end())
            target->fault("the step '{}' stands in this list already", excerpt(*name));
        else
            known.push_back(found->second);
    }
}

// Steps that nothing waits for are removed until only cycles and what hangs on them is left;
// walking along dependencies from there must come back to a step already seen.
std::vector<std::size_t> find_cycle(std::vector<StepTemplate> const& steps)
{
    std::vector<std::size_t> open(steps.size());
    std::vector<std::vector<std::size_t>> dependents(steps.size());
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        open[i] = steps[i].depends_on.size();
        for (auto const target : steps[i].depends_on)
            dependents[target].push_back(i);
        if (open[i] == 0)
            ready.push_back(i);
    }
    while (!ready.empty()) {
        auto const done = ready.back();
        ready.pop_back();
        for (auto const dependent : dependents[done]) {
            if (--open[dependent] == 0)
                ready.push_back(dependent);
        }
    }
    auto const stuck = [&](std::size_t i) { return open[i] > 0; };
    std::vector<std::size_t> trail;
    std::vector<bool> on_trail(steps.size());
    for (std::size_t i = 0; i < steps.size() && trail.empty(); ++i) {
        if (stuck(i))
            trail.push_back(i);
    }
    while (!trail.empty()) {
        auto const here = trail.back();
        on_trail[here] = true;
        auto const& targets = steps[here].depends_on;
        auto const next = *std::find_if(targets.begin(), targets.end(), stuck);
        if (on_trail[next]) {
            trail.erase(trail.begin(), std::find(trail.begin(), trail.end(), next));
            trail.push_back(next);
            return trail;
        }
        trail.push_back(next);
    }
    return {};
}

void check_cycles(FaultList& faults, std::vector<StepTemplate> const& steps)
{
    auto const cycle = find_cycle(steps);
    if (cycle.empty())
        return;
    std::string names;
    for (auto const step : cycle)
        names += (names.empty() ? "" : " -> ") + excerpt(steps[step].name);
    auto const& first = steps[cycle.front()];
    faults.add(first.line, first.column, fmt::format("steps[{}].dependencies", cycle.front()),
        fmt::format("steps depend on each other in a circle: {}", names));
}

void read_steps(Place const& list, JobContext const& context, JobTemplate& out)
{
    StepIndex index;
    auto const items = read_list(list, { 1, context.limits.steps });
    for (auto const& item : items) {
        if (list.faults().full())
            return list.complain({});
        out.steps.push_back(read_step(item, context));
        auto const& name = out.steps.back().name;
        if (!name.empty() && !index.emplace(name, out.steps.size() - 1).second)
            item.fault("a step '{}' is there already; names must differ", excerpt(name));
    }
    for (std::size_t i = 0; i < items.size(); ++i)
        read_dependencies(items[i], index, out.steps[i]);
    check_cycles(list.faults(), out.steps);
}

// With EXPR, once its own text is read.
void add_job_name(Place const& root, Scopes& scopes)
{
    if (!root.declares(Extension::expr))
        return;
    scopes.job.add("", "Job.Name", expr::string_type);
    scopes.host.add("", "Job.Name", expr::string_type);
}

JobTemplate read_job(Place const& root, Limits const& limits)
{
    Fields const fields(root,
        { "specificationVersion", "$schema", "extensions", "name", "description",
            "parameterDefinitions", "jobEnvironments", "steps" });
    JobTemplate out;
    out.limits = limits;
    ReadParameters parameters;
    if (auto const list = fields.get("parameterDefinitions"))
        parameters = read_parameters(*list, limits);
    out.parameters = std::move(parameters.definitions);
    JobContext context { limits, scopes_of(parameters.declared), {}, 0 };
    if (auto const name = fields.need("name")) {
        out.name_line = name->node().line;
        out.name_column = name->node().column;
        auto string = read_scoped(
            *name, context.scopes.job, { 1, limits.job_name, TextRule::Controls::refused });
        out.name = std::move(string).value_or(FormatString());
    }
    out.description = read_description(fields, limits);
    add_job_name(root, context.scopes);
    if (auto const list = fields.get("jobEnvironments")) {
        out.environments = read_environments(*list, context.scopes, limits);
        context.environment_names = check_environment_names(*list, {});
        check_layers(*list, out.environments, 0);
        context.wrapping = count_wrapping(out.environments);
    }
    if (auto const list = fields.need("steps"))
        read_steps(*list, context, out);
    return out;
}

EnvironmentTemplate read_environment_template(Place const& root, Limits const& limits)
{
    Fields const fields(root,
        { "specificationVersion", "$schema", "extensions", "parameterDefinitions", "environment" });
    EnvironmentTemplate out;
    ReadParameters parameters;
    // No extension lets an environment template have more parameters.
    auto parameter_limits = limits;
    parameter_limits.job_parameters = Limits().job_parameters;
    if (auto const list = fields.get("parameterDefinitions"))
        parameters = read_parameters(*list, parameter_limits);
    out.parameters = std::move(parameters.definitions);
    auto scopes = scopes_of(parameters.declared);
    add_job_name(root, scopes);
    if (auto const environment = fields.need("environment"))
        out.environment = read_environment(*environment, scopes, limits);
    return out;
}

std::optional<Extension> read_extension(Place const& item, Extensions allowed)
{
    auto const name = read_text(item, { 1, 128, TextRule::Controls::refused });
    if (!name)
        return std::nullopt;
    auto const extension = parse_extension(*name);
    if (extension && allowed.has(*extension))
        return extension;
    auto const here = allowed.names();
    auto const others = here.empty() ? std::string("; none is allowed here")
                                     : "; allowed here: " + comma_list(here);
    if (!extension)
        item.fault(
            "there is no extension '{}'{}{}", excerpt(*name), did_you_mean(*name, here), others);
    else
        item.fault("the extension {} is not allowed{}", *name, others);
    return std::nullopt;
}

std::optional<Extensions> read_extensions(Place const& list, Extensions allowed)
{
    Extensions out;
    bool readable = list.node().kind == Node::Kind::list;
    for (auto const& item : read_list(list, { 1, 100 })) {
        auto const extension = read_extension(item, allowed);
        if (extension && out.has(*extension))
            item.fault("the extension {} stands in this list already", to_string(*extension));
        if (extension)
            out.add(*extension);
        readable = readable && extension;
    }
    if (out.has(Extension::wrap_actions) && !out.has(Extension::expr)) {
        list.complain("WRAP_ACTIONS needs the extension EXPR; list it too");
        return std::nullopt;
    }
    return readable ? std::optional(out) : std::nullopt;
}

// The declared extensions; nothing if the rest of the template cannot be judged without one that is
// not read here.
std::optional<Extensions> read_preamble(Place const& root, Extensions allowed)
{
    auto const schema = find_field(root, "$schema");
    if (schema && schema->node().kind != Node::Kind::string)
        schema->expected("a string");
    auto const list = find_field(root, "extensions");
    return list ? read_extensions(*list, allowed) : Extensions();
}

template<typename Template>
Checked<Template> decode(Node const& document, std::string_view file_name, std::string_view version,
    Extensions allowed, Template (*read)(Place const&, Limits const&))
{
    FaultList faults(file_name, Limits().faults);
    Place const root(faults, document, {});
    auto const extensions = is_version(root, version) ? read_preamble(root, allowed) : std::nullopt;
    if (!extensions)
        return tl::unexpected(faults.take());
    faults.declare(*extensions);
    auto out = read(root, limits_with(*extensions));
    out.extensions = *extensions;
    if (!faults.empty())
        return tl::unexpected(faults.take());
    return out;
}

}

Checked<JobTemplate> decode_job_template(
    std::string_view text, std::string_view file_name, Extensions allowed)
{
    auto const document = TRY(parse_document(text, file_name));
    return decode(document, file_name, job_version, allowed, read_job);
}

Checked<EnvironmentTemplate> decode_environment_template(
    std::string_view text, std::string_view file_name, Extensions allowed)
{
    auto const document = TRY(parse_document(text, file_name));
    return decode(document, file_name, environment_version, allowed, read_environment_template);
}

Diagnostics check_template(std::string_view text, std::string_view file_name, Extensions allowed)
{
    auto const document = parse_document(text, file_name);
    if (!document)
        return document.error();
    auto const* const version = document->find("specificationVersion");
    // What names neither kind is judged as a job template, which says what is expected.
    if (version && version->text.starts_with("environment-")) {
        auto decoded = decode(
            *document, file_name, environment_version, allowed, read_environment_template);
        return decoded ? Diagnostics() : std::move(decoded.error());
    }
    auto decoded = decode(*document, file_name, job_version, allowed, read_job);
    return decoded ? Diagnostics() : std::move(decoded.error());
}

}
