#pragma once

#include <sim/brain_host.h>
#include <sim/job_maker.h>
#include <sim/services.h>

#include <functional>
#include <vector>

namespace sidereal::sim {

// The people of the farm as one caller: hands in jobs, again when no answer came, and now and then
// changes its mind about them.
class Client {
public:
    Client(Services const& services, BrainHost& brain, Peer peer, Prng prng);

    void start();
    // No more whims; from now on it tidies up what would keep the farm from settling.
    void heal();
    // Every job has been acknowledged.
    bool done() const { return unacknowledged_ == 0; }

private:
    using Finish = std::function<void(brain::Answer const&)>;

    template<typename Event>
    void request(Event event, Finish finish);
    void submit(std::size_t index);
    void on_submit_answer(std::size_t index, brain::Answer const& answer);
    void wait_for_whim();
    void whim();
    void job_verb(JobId job, brain::JobVerb verb, brain::TaskChoice const& choice);
    void node_verb(NodeId node, brain::NodeVerb verb);
    void retry_or_skip(JobId job);
    void read_some_log();
    void tidy_up();
    void draw_rules();

    Services services_;
    BrainHost& brain_;
    Peer peer_;
    Prng prng_;
    std::vector<JobDraft> drafts_;
    std::size_t unacknowledged_ { 0 };
    bool healed_ { false };
};

}
