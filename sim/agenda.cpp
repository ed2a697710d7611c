#include <sim/agenda.h>

#include <algorithm>
#include <tuple>

namespace sidereal::sim {

bool Agenda::later(Entry const& a, Entry const& b)
{
    return std::tie(a.time, a.sequence) > std::tie(b.time, b.sequence);
}

void Agenda::at(Duration time, Action action)
{
    heap_.push_back({ std::max(time, now_), ++last_sequence_, std::move(action) });
    std::push_heap(heap_.begin(), heap_.end(), later);
}

bool Agenda::step()
{
    if (heap_.empty())
        return false;
    std::pop_heap(heap_.begin(), heap_.end(), later);
    auto const next = std::move(heap_.back());
    heap_.pop_back();
    now_ = next.time;
    ++steps_;
    next.action();
    return true;
}

}
