#include <sim/optimum.h>

#include <base/verify.h>

#include <algorithm>
#include <limits>

namespace sidereal::sim {

namespace {

class Search {
public:
    Search(std::vector<KnownTask> tasks, std::size_t machines)
        : tasks_(std::move(tasks))
        , ends_(machines, 0)
    {
        std::sort(tasks_.begin(), tasks_.end(), [](KnownTask const& left, KnownTask const& right) {
            return left.length_s * right.weight < right.length_s * left.weight;
        });
    }

    Optimum run()
    {
        share_out(0, 0);
        return best_;
    }

private:
    // In Smith's order, so that each machine has its tasks in that order, too.
    void share_out(std::size_t next, double weighted)
    {
        if (next == tasks_.size()) {
            best_.makespan_s = std::min(
                best_.makespan_s, *std::max_element(ends_.begin(), ends_.end()));
            best_.weighted_ends_s = std::min(best_.weighted_ends_s, weighted);
            return;
        }
        for (auto& end : ends_) {
            auto const before = end;
            end += tasks_[next].length_s;
            share_out(next + 1, weighted + tasks_[next].weight * end);
            end = before;
            // Machines are alike: one empty one stands for all.
            if (before == 0)
                break;
        }
    }

    std::vector<KnownTask> tasks_;
    std::vector<double> ends_;
    Optimum best_ { std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::infinity() };
};

}

Optimum optimum(std::vector<KnownTask> const& tasks, std::size_t machines)
{
    VERIFY(tasks.size() <= 10 && machines > 0);
    return Search(tasks, machines).run();
}

}
