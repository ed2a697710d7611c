#pragma once

#include <brain/brain.h>

#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace sidereal::brain {

// Persist first, speak after: answers wait until the records they rest on are durable, and until
// all earlier answers have gone. While one batch is being made durable everything new gathers in
// the next, so a slow disk costs latency and never a backlog. Pure: the shell and the World do the
// I/O.
class Committer {
public:
    // Takes an event's records and answers. Call start_batch and take_ready afterwards.
    void add(Effects& effects);

    // The next batch to make durable, if there is one and none is under way.
    std::shared_ptr<farm::Records const> start_batch();
    // The batch under way is durable.
    void batch_done();
    // The batch under way failed and left nothing behind: start_batch will give it again.
    void batch_failed();

    // Answers that may go out now, in order.
    std::vector<Send> take_ready();
    // Orders to machines, likewise.
    std::vector<PowerOrder> take_power();

    bool idle() const { return !flying_ && gathered_.empty(); }

private:
    template<typename Said>
    struct Waiting {
        Said said;
        std::uint64_t batch;
    };
    template<typename Said>
    std::vector<Said> take(std::deque<Waiting<Said>>& waiting) const;

    farm::Records gathered_;
    // Under way, or failed and to be tried again.
    std::shared_ptr<farm::Records const> flying_;
    bool under_way_ { false };
    // Batches are counted; answers of the events in batch n go once n is durable.
    std::uint64_t durable_ { 0 };
    std::deque<Waiting<Send>> waiting_;
    std::deque<Waiting<PowerOrder>> waiting_power_;
};

}
