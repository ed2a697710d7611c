#include <brain/committer.h>

#include <base/verify.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace sidereal::brain {

namespace {

constexpr std::size_t most_reserved = 4096;

}

void Committer::add(Effects& effects)
{
    if (gathered_.empty() && gathered_.capacity() < effects.records.size())
        gathered_ = std::exchange(effects.records, {});
    else
        std::move(effects.records.begin(), effects.records.end(), std::back_inserter(gathered_));
    effects.records.clear();
    auto const batch = durable_ + (flying_ ? 1 : 0) + (gathered_.empty() ? 0 : 1);
    for (auto& send : effects.sends)
        waiting_.push_back({ std::move(send), batch });
    effects.sends.clear();
    for (auto& order : effects.power)
        waiting_power_.push_back({ std::move(order), batch });
    effects.power.clear();
}

std::shared_ptr<farm::Records const> Committer::start_batch()
{
    if (under_way_)
        return nullptr;
    if (!flying_) {
        if (gathered_.empty())
            return nullptr;
        auto const as_many = gathered_.size();
        flying_ = std::make_shared<farm::Records const>(std::exchange(gathered_, {}));
        // Under load batches are alike: no moving about while the next one grows.
        gathered_.reserve(std::min(as_many, most_reserved));
    }
    under_way_ = true;
    return flying_;
}

void Committer::batch_done()
{
    VERIFY(under_way_);
    under_way_ = false;
    flying_.reset();
    ++durable_;
}

void Committer::batch_failed()
{
    VERIFY(under_way_);
    under_way_ = false;
}

template<typename Said>
std::vector<Said> Committer::take(std::deque<Waiting<Said>>& waiting) const
{
    std::vector<Said> ready;
    while (!waiting.empty() && waiting.front().batch <= durable_) {
        ready.push_back(std::move(waiting.front().said));
        waiting.pop_front();
    }
    return ready;
}

std::vector<Send> Committer::take_ready() { return take(waiting_); }
std::vector<PowerOrder> Committer::take_power() { return take(waiting_power_); }

}
