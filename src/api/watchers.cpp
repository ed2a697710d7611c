#include <api/watchers.h>

#include <api/job_document.h>
#include <api/reply.h>
#include <base/verify.h>
#include <io/clock.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace sidereal::api {

namespace {

constexpr Duration between_rounds = std::chrono::milliseconds(100);

}

Watchers::Watchers(Host& host, io::Loop& loop)
    : host_(host)
    , loop_(loop)
{
}

Watchers::~Watchers()
{
    loop_.cancel(round_);
    for (auto const& [id, waiting] : waiting_)
        loop_.cancel(waiting.end_of_wait);
}

void Watchers::add(Wish wish, io::Responder responder)
{
    auto const id = ++last_id_;
    responder.on_closed([this, id] {
        auto const gone = waiting_.find(id);
        if (gone == waiting_.end())
            return;
        loop_.cancel(gone->second.end_of_wait);
        waiting_.erase(gone);
    });
    auto const timer = loop_.call_after(wish.wait, [this, id] { answer(id); });
    waiting_.emplace(id, Waiting { wish, std::move(responder), timer });
    changed();
}

void Watchers::changed()
{
    if (waiting_.empty() || round_)
        return;
    round_ = loop_.call_at(std::max(io::mono_now(), next_round_), [this] { begin_round(); });
}

void Watchers::begin_round()
{
    round_ = {};
    std::vector<std::uint64_t> with_news;
    for (auto const& [id, waiting] : waiting_) {
        auto const* job = host_.brain().farm.job(waiting.wish.job);
        if (!job || job->revision != waiting.wish.after)
            with_news.push_back(id);
    }
    if (with_news.empty())
        return;
    next_round_ = io::mono_now() + between_rounds;
    for (auto const id : with_news)
        answer(id);
}

void Watchers::answer(std::uint64_t id)
{
    auto const found = waiting_.find(id);
    if (found == waiting_.end())
        return;
    auto const waiting = std::move(found->second);
    waiting_.erase(found);
    loop_.cancel(waiting.end_of_wait);
    auto const& farm = host_.brain().farm;
    auto const* job = farm.job(waiting.wish.job);
    VERIFY(job);
    host_.when_durable(
        [responder = waiting.responder, body = job_document(host_.brain(), *job)]() mutable {
            responder.reply(json_response(std::move(body)));
        });
}

}
