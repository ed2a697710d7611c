#include <sim/client.h>

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace sidereal::sim {

using namespace std::chrono_literals;

namespace {

// How the client marks a job that it will have to cancel.
constexpr char const* endless_user = "endless";

template<typename Map>
auto const& pick(Prng& prng, Map const& map)
{
    auto const index = static_cast<std::ptrdiff_t>(prng.below(map.size()));
    return std::next(map.begin(), index)->first;
}

}

Client::Client(Services const& services, BrainHost& brain, Peer peer, Prng prng)
    : services_(services)
    , brain_(brain)
    , peer_(peer)
    , prng_(prng)
{
    for (int i = 0; i < services.options.work.jobs; ++i)
        drafts_.push_back(draw_job(prng_, services.options));
    unacknowledged_ = drafts_.size();
}

void Client::start()
{
    auto const last = prng_.chance(0.5) ? Duration(1ms) : services_.options.safety_time;
    for (std::size_t draft = 0; draft < drafts_.size(); ++draft)
        services_.agenda.at(draw_between(prng_, 0us, last), [this, draft] { submit(draft); });
    draw_rules();
    if (services_.options.work.commands > 0us)
        wait_for_whim();
}

void Client::draw_rules()
{
    // A stream of its own, as for wishes.
    Prng rules(services_.options.seed * 1000 + 999);
    auto const& options = services_.options;
    auto const sleeps = options.sleep_after > 0us;
    auto const preempts = !rules.chance(0.5);
    constexpr std::string_view tiers[] = { "low", "normal", "high", "urgent" };
    std::string text;
    if (preempts)
        text = fmt::format(
            "preemption: {{from: {}, drain_s: {}}}\n", tiers[rules.below(4)], rules.between(1, 20));
    if (sleeps)
        text += fmt::format(
            "power: {{sleep: {{after_s: {}, keep_awake: {}, wake_s: 5, nodes: ['*']}}}}\n",
            to_seconds(options.sleep_after), options.keep_awake);
    if (rules.chance(0.5))
        text += fmt::format("limits: [{{name: seat, seats: {}}}]\n", rules.between(1, 4));
    if (text.empty())
        return;
    services_.agenda.at(draw_wait(rules, 5s), [this, text] {
        services_.trace_event("client applies rules: {}", text);
        request(
            [text](auto& brain, brain::Ticket ticket, Now now, auto& effects) {
                brain::on_apply_rules(brain, text, "somebody", ticket, now, effects);
            },
            [](brain::Answer const&) {});
    });
}

template<typename Event>
// NOLINTNEXTLINE(performance-unnecessary-value-param): moved on into the call.
void Client::request(Event event, Finish finish)
{
    services_.network.call(
        peer_, services_.options.call_timeout,
        [this, event = std::move(event)](brain::Ticket ticket) {
            if (!brain_.alive())
                return services_.network.answer(
                    ticket, Error { ErrorCode::unavailable, "connection refused" });
            brain_.handle(
                [&](auto& brain, Now now, auto& effects) { event(brain, ticket, now, effects); });
        },
        std::move(finish));
}

void Client::submit(std::size_t index)
{
    auto const& draft = drafts_[index];
    auto spec = draft.spec;
    if (services_.options.mutation == Mutation::ignore_dependencies) {
        auto changed = *spec;
        for (auto& step : changed.steps)
            step.depends_on.clear();
        spec = std::make_shared<openjd::Job const>(std::move(changed));
    }
    brain::Submit submit;
    submit.source = draft.source;
    submit.user = draft.endless ? endless_user : "somebody";
    submit.priority = static_cast<int>(prng_.between(-2, 2));
    submit.max_retries = static_cast<std::uint32_t>(prng_.between(0, 2));
    if (prng_.chance(0.1))
        submit.max_failed_tasks = prng_.below(3);
    submit.paused = prng_.chance(0.05);
    // A stream of its own, so that the wishes do not shift what else is drawn.
    Prng wishes(services_.options.seed * 1000 + index);
    if (services_.options.mutation != Mutation::ignore_dependencies)
        submit.scheduling = draw_scheduling(wishes, *spec, services_.ledger.jobs_acknowledged());
    services_.trace_event("client submits its job {}", index);
    request(
        [submit, spec](auto& brain, brain::Ticket ticket, Now now, auto& effects) {
            auto wanted = submit;
            if (auto& start = wanted.scheduling.not_before)
                start = now.wall + start->time_since_epoch();
            brain::on_submit(brain, wanted, spec, ticket, now, effects);
        },
        [this, index](brain::Answer const& answer) { on_submit_answer(index, answer); });
}

void Client::on_submit_answer(std::size_t index, brain::Answer const& answer)
{
    if (auto const* submitted = std::get_if<brain::Submitted>(&answer)) {
        services_.trace_event("client's job {} is job {}", index, submitted->job.value);
        services_.ledger.submit_acknowledged(submitted->job);
        --unacknowledged_;
        return;
    }
    auto const& error = std::get<Error>(answer);
    if (!error_row(error.code).retry_helps)
        return services_.verdict.fail("a job was refused: {}", error.message);
    services_.agenda.after(draw_between(prng_, 100ms, 3s), [this, index] { submit(index); });
}

void Client::wait_for_whim()
{
    services_.agenda.after(draw_wait(prng_, services_.options.work.commands), [this] {
        if (healed_)
            return;
        whim();
        wait_for_whim();
    });
}

void Client::whim()
{
    auto const& jobs = services_.ledger.specs();
    auto const choice = prng_.below(8);
    if (choice == 0)
        return read_some_log();
    if (choice == 1) {
        auto const verb = prng_.chance(0.5) ? brain::NodeVerb::drain : brain::NodeVerb::undrain;
        return node_verb({ 1 + prng_.below(services_.options.vcpus.size()) }, verb);
    }
    if (jobs.empty())
        return;
    auto const job = pick(prng_, jobs);
    if (choice < 4)
        retry_or_skip(job);
    else if (choice == 4)
        job_verb(job, brain::JobVerb::pause, {});
    else if (choice == 5 || choice == 6)
        job_verb(job, brain::JobVerb::resume, {});
    else
        job_verb(job, brain::JobVerb::cancel, {});
}

void Client::retry_or_skip(JobId job)
{
    auto const& steps = services_.ledger.specs().at(job)->steps;
    auto const& step = steps[prng_.below(steps.size())];
    brain::TaskChoice choice;
    if (prng_.chance(0.7))
        choice.step = step.name;
    if (choice.step && prng_.chance(0.7))
        choice.task = prng_.below(step.space.size() + 1);
    job_verb(job, prng_.chance(0.2) ? brain::JobVerb::skip : brain::JobVerb::retry, choice);
}

void Client::job_verb(JobId job, brain::JobVerb verb, brain::TaskChoice const& choice)
{
    services_.trace_event("client wants of job {}: verb {}, step {}, task {}", job.value,
        static_cast<int>(verb), choice.step.value_or("-"), choice.task.value_or(0));
    request(
        [job, verb, choice](auto& brain, brain::Ticket ticket, Now now, auto& effects) {
            brain::on_job_verb(brain, job, verb, choice, ticket, now, effects);
        },
        [](brain::Answer const&) {});
}

void Client::node_verb(NodeId node, brain::NodeVerb verb)
{
    services_.trace_event("client wants of node {}: verb {}", node.value, static_cast<int>(verb));
    request([node, verb](auto& brain, brain::Ticket ticket, Now now,
                auto& effects) { brain::on_node_verb(brain, node, verb, ticket, now, effects); },
        [](brain::Answer const&) {});
}

void Client::read_some_log()
{
    auto const& attempts = services_.ledger.attempts();
    if (attempts.empty())
        return;
    auto const& record = attempts.at(pick(prng_, attempts)).record;
    wire::ReadLog read;
    read.job = record.job;
    read.attempt = record.id;
    read.max_bytes = 1000;
    services_.trace_event("client reads the log of attempt {}", record.id.value);
    request([node = record.node, read](auto& brain, brain::Ticket ticket, Now now,
                auto& effects) { brain::on_read_log(brain, node, read, ticket, now, effects); },
        [this, id = record.id](brain::Answer const& answer) {
            if (auto const* chunk = std::get_if<wire::LogChunk>(&answer);
                chunk && chunk->failure.empty() && chunk->data.empty())
                services_.verdict.fail("the log of attempt {} came back empty", id.value);
        });
}

void Client::heal()
{
    healed_ = true;
    if (brain_.alive() && prng_.chance(0.5)) {
        for (auto const& [id, job] : brain_.brain().farm.jobs)
            if (job.record.paused)
                job_verb(id, brain::JobVerb::resume, {});
    }
    tidy_up();
}

void Client::tidy_up()
{
    if (brain_.alive()) {
        auto const& farm = brain_.brain().farm;
        for (auto const& [id, node] : farm.nodes)
            if (node.record.draining)
                node_verb(id, brain::NodeVerb::undrain);
        for (auto const& [id, job] : farm.jobs)
            if (job.record.user == endless_user && !job.ended() && !job.record.canceled)
                job_verb(id, brain::JobVerb::cancel, {});
    }
    services_.agenda.after(20s, [this] { tidy_up(); });
}

}
