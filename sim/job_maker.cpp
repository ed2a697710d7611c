#include <sim/job_maker.h>

#include <base/json.h>
#include <base/verify.h>
#include <farm/resources.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sidereal::sim {

namespace {

class JobMaker {
public:
    JobMaker(Prng& prng, Options const& options)
        : prng_(prng)
        , options_(options)
    {
    }

    JobDraft make()
    {
        draft_.endless = options_.work.hangs > 0 && prng_.chance(0.15);
        job_environments_ = prng_.chance(0.4) ? prng_.between(1, 2) : 0;
        json_.begin_object();
        json_.field("specificationVersion", "jobtemplate-2023-09").field("name", "Simulated");
        json_.key("extensions").begin_array().value("TASK_CHUNKING").end_array();
        json_.key("parameterDefinitions").begin_array();
        json_.begin_object().field("name", "Last").field("type", "INT").field("default", 1);
        json_.end_object().end_array();
        write_environments("jobEnvironments", "job", 0, job_environments_);
        json_.key("steps").begin_array();
        auto const steps = prng_.chance(0.5) ? 1 : prng_.between(2, 4);
        for (int step = 0; step < steps; ++step)
            write_step(step);
        json_.end_array().end_object();

        draft_.source = { json_.take(), "template.json",
            { { "Last", std::to_string(prng_.between(1, options_.work.tasks_max)) } } };
        auto made = openjd::create_job(draft_.source);
        if (!made)
            fmt::print(
                stderr, "{}\n{}\n", openjd::to_string(made.error()), draft_.source.template_text);
        VERIFY(made);
        draft_.spec = std::make_shared<openjd::Job const>(std::move(*made));
        return std::move(draft_);
    }

private:
    // A process may hang where a timeout ends it, or where the client will cancel the job.
    enum class Ends : std::uint8_t { surely, perhaps_never };

    void write_action(std::string_view name, std::vector<std::string> args, Ends ends)
    {
        auto const endless = ends == Ends::perhaps_never;
        auto const timeout = options_.work.hangs > 0 && !endless && prng_.chance(0.5);
        if (timeout || endless)
            args.emplace_back("may-hang");
        json_.key(name).begin_object().field("command", "sim").key("args").begin_array();
        for (auto const& arg : args)
            json_.value(arg);
        json_.end_array();
        if (timeout)
            json_.field("timeout", prng_.between(1, 30));
        if (prng_.chance(0.3)) {
            json_.key("cancelation").begin_object().field("mode", "NOTIFY_THEN_TERMINATE");
            json_.field("notifyPeriodInSeconds", prng_.between(1, 5)).end_object();
        }
        json_.end_object();
    }

    void write_environments(
        std::string_view field, std::string const& owner, std::int64_t first, std::int64_t count)
    {
        if (count == 0)
            return;
        json_.key(field).begin_array();
        for (auto place = first; place < first + count; ++place) {
            auto const name = owner + std::to_string(place);
            auto const kind = prng_.below(6); // 4: enter only, 5: exit only
            json_.begin_object().field("name", name);
            json_.key("script").begin_object().key("actions").begin_object();
            if (kind != 5)
                write_action("onEnter", { "enter", std::to_string(place), name }, Ends::surely);
            if (kind != 4)
                write_action("onExit", { "exit", std::to_string(place), name }, Ends::surely);
            json_.end_object().end_object().end_object();
        }
        json_.end_array();
    }

    void write_step(int step)
    {
        auto const name = "step" + std::to_string(step);
        json_.begin_object().field("name", name);
        write_dependencies(step);
        write_environments("stepEnvironments", name, job_environments_,
            prng_.chance(0.4) ? prng_.between(1, 2) : 0);
        auto const most = *std::max_element(options_.vcpus.begin(), options_.vcpus.end());
        if (prng_.chance(0.5)) {
            constexpr double demands[] = { 0.5, 1, 2, 3, 8 };
            json_.key("hostRequirements").begin_object().key("amounts").begin_array();
            json_.begin_object().field("name", "amount.worker.vcpu");
            auto const vcpus = std::min(most, demands[prng_.below(5)]);
            json_.field("min", vcpus).end_object();
            write_gpus(vcpus);
            write_limit();
            json_.end_array().end_object();
        }
        std::vector<std::string> args { "task", name };
        write_space(args);
        json_.key("script").begin_object().key("actions").begin_object();
        write_action("onRun", std::move(args), draft_.endless ? Ends::perhaps_never : Ends::surely);
        json_.end_object().end_object().end_object();
    }

    void write_limit()
    {
        // So that it does not shift what else is drawn.
        auto own = prng_;
        if (own.chance(0.4))
            json_.begin_object().field("name", "amount.limit.seat").field("min", 1).end_object();
    }

    // No more than some node has beside so many vcpus.
    void write_gpus(double vcpus)
    {
        int most = 0;
        for (std::size_t i = 0; i < options_.gpus.size(); ++i)
            if (options_.vcpus[i] >= vcpus)
                most = std::max(most, options_.gpus[i]);
        if (most == 0 || !prng_.chance(0.5))
            return;
        json_.begin_object().field("name", "amount.worker.gpu");
        json_.field("min", prng_.between(1, most)).end_object();
        if (prng_.chance(0.5))
            json_.begin_object()
                .field("name", "amount.worker.gpu.memory")
                .field("min", prng_.between(1000, 8000))
                .end_object();
    }

    void write_dependencies(int step)
    {
        std::vector<std::string> upstream;
        for (int other = 0; other < step; ++other) {
            if (prng_.chance(0.5))
                upstream.push_back("step" + std::to_string(other));
        }
        if (upstream.empty())
            return;
        json_.key("dependencies").begin_array();
        for (auto const& name : upstream)
            json_.begin_object().field("dependsOn", name).end_object();
        json_.end_array();
    }

    // Sometimes in chunks, and of these some that are cut as they are given out.
    void write_frames()
    {
        if (prng_.chance(0.7))
            return write_parameter("Frame", "1-{{Param.Last}}");
        json_.begin_object().field("name", "Frame").field("type", "CHUNK[INT]");
        json_.field("range", "1-{{Param.Last}}").key("chunks").begin_object();
        json_.field("defaultTaskCount", prng_.between(1, 4));
        if (prng_.chance(0.7))
            json_.field("targetRuntimeSeconds", prng_.between(1, 60));
        json_.field("rangeConstraint", prng_.chance(0.5) ? "CONTIGUOUS" : "NONCONTIGUOUS");
        json_.end_object().end_object();
    }

    void write_parameter(std::string_view name, std::string const& range)
    {
        json_.begin_object().field("name", name).field("type", "INT").field("range", range);
        json_.end_object();
    }

    void write_space(std::vector<std::string>& args)
    {
        if (prng_.chance(0.2))
            return;
        json_.key("parameterSpace").begin_object().key("taskParameterDefinitions").begin_array();
        write_frames();
        args.emplace_back("{{Task.Param.Frame}}");
        if (prng_.chance(0.2)) {
            write_parameter("Tile", "1-" + std::to_string(prng_.between(1, 3)));
            args.emplace_back("{{Task.Param.Tile}}");
        }
        json_.end_array().end_object();
    }

    Prng& prng_;
    Options const& options_;
    JsonWriter json_;
    JobDraft draft_;
    std::int64_t job_environments_ { 0 };
};

}

JobDraft draw_job(Prng& prng, Options const& options) { return JobMaker(prng, options).make(); }

namespace {

bool asks_for_one_gpu(openjd::Step const& step)
{
    return farm::demand_of(step.requirements).reserved.get(farm::Amounts::Kind::gpu) == 1;
}

farm::Caps draw_caps(Prng& prng)
{
    farm::Caps caps;
    if (prng.chance(0.3))
        caps.tasks = static_cast<std::uint64_t>(prng.between(1, 4));
    if (prng.chance(0.2))
        caps.nodes = static_cast<std::uint64_t>(prng.between(1, 2));
    if (prng.chance(0.2))
        caps.tasks_per_node = static_cast<std::uint64_t>(prng.between(1, 2));
    return caps;
}

farm::EdgeMeaning draw_meaning(Prng& prng)
{
    return { prng.chance(0.3) ? farm::IfFailed::go_on : farm::IfFailed::wait,
        prng.chance(0.2) ? farm::IfSkipped::wait : farm::IfSkipped::go_on };
}

void draw_edges(Prng& prng, openjd::Job const& spec, std::size_t index, farm::StepScheduling& step)
{
    auto const size = spec.steps[index].space.size();
    for (auto const upstream : spec.steps[index].depends_on) {
        auto const& name = spec.steps[upstream].name;
        if (prng.chance(0.2))
            step.after_steps.push_back({ name, draw_meaning(prng) });
        if (spec.steps[upstream].space.size() != size || prng.chance(0.4))
            continue;
        auto const first = prng.between(-2, 1);
        step.after_tasks.push_back(
            { name, first, first + prng.between(0, 2), prng.chance(0.3), draw_meaning(prng) });
    }
    step.after_any = prng.chance(0.2);
    if (prng.chance(0.2))
        step.after_tasks.push_back({ spec.steps[index].name, -1, -1, false, draw_meaning(prng) });
}

}

farm::Scheduling draw_scheduling(
    Prng& prng, openjd::Job const& spec, std::vector<JobId> const& before)
{
    farm::Scheduling wishes;
    if (prng.chance(0.5))
        return wishes;
    wishes.tier = static_cast<farm::Tier>(prng.below(5));
    wishes.order = static_cast<farm::TaskOrder>(prng.below(4));
    wishes.caps = draw_caps(prng);
    if (prng.chance(0.3))
        wishes.not_before = Wall() + draw_wait(prng, std::chrono::seconds(20));
    for (auto const job : before)
        if (prng.chance(0.2))
            wishes.after_jobs.push_back({ job, "", { .if_failed = farm::IfFailed::go_on } });
    wishes.after_any = prng.chance(0.3);
    for (std::size_t index = 0; index < spec.steps.size(); ++index) {
        if (prng.chance(0.5))
            continue;
        auto& step = wishes.steps[spec.steps[index].name];
        if (prng.chance(0.2)) {
            step.timeouts.run = draw_wait(prng, std::chrono::seconds(5));
            step.timeouts.silent = draw_wait(prng, std::chrono::seconds(20));
            step.timeouts.stuck = true;
        }
        step.caps = draw_caps(prng);
        step.whole_node = prng.chance(0.1);
        step.gpu_share = asks_for_one_gpu(spec.steps[index]) && prng.chance(0.5);
        draw_edges(prng, spec, index, step);
    }
    return wishes;
}

}
