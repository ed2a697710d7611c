#include "fake_agents.h"

#include <base/verify.h>
#include <io/clock.h>
#include <wire/codec.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace sidereal::bench {

namespace {

constexpr std::size_t read_buffer_bytes = 256UL * 1024;
// One loopback address has 28,000 ports to call from; agents share them out.
constexpr std::size_t agents_per_address = 5000;

std::size_t content_length(std::string_view head)
{
    constexpr std::string_view name = "Content-Length: ";
    auto const at = head.find(name);
    std::size_t length = 0;
    if (at != std::string_view::npos)
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    return length;
}

}

struct FakeAgents::Line {
    Agent* agent { nullptr };
    io::UniqueFd socket;
    bool writable_wanted { false };
    // The call under way; 0: none.
    std::uint64_t number { 0 };
    std::string out;
    std::size_t written { 0 };
    std::string in;
};

struct FakeAgents::Agent {
    agent::Config config;
    agent::Outbox outbox;
    agent::Calls calls { config, outbox };
    std::array<Line, 2> lines;
    std::set<AttemptId> running;
    std::set<JobId> jobs_known;
    std::size_t index { 0 };
    bool counted { false };
    std::uint64_t reports_applied { 0 };
};

FakeAgents::FakeAgents(FakeAgentsOptions options)
    : options_(std::move(options))
    , epoll_(::epoll_create1(EPOLL_CLOEXEC))
    , read_buffer_(read_buffer_bytes)
    , now_(io::mono_now())
{
    for (auto const& facts : options_.nodes) {
        auto& agent = *agents_.emplace_back(std::make_unique<Agent>());
        agent.index = agents_.size();
        agent.config.node_key = fmt::format("fake-{}", agent.index);
        agent.config.instance = agent.index;
        agent.config.facts = facts;
        for (auto& line : agent.lines)
            line.agent = &agent;
        agent.calls.start(now_);
        call_if_wanted(agent);
    }
}

FakeAgents::~FakeAgents() = default;

bool FakeAgents::serve(std::function<bool()> const& done, Duration patience)
{
    std::array<epoll_event, 512> events;
    auto const give_up = io::mono_now() + patience;
    for (;;) {
        auto const count = ::epoll_wait(epoll_.get(), events.data(), events.size(), 1);
        now_ = io::mono_now();
        for (int i = 0; i < count; ++i) {
            auto const& event = events[static_cast<std::size_t>(i)];
            auto& line = *static_cast<Line*>(event.data.ptr);
            if ((event.events & EPOLLOUT) != 0 && line.socket)
                write_more(*line.agent, line);
            if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && line.socket)
                read_some(*line.agent, line);
        }
        end_due();
        for (auto* agent : std::exchange(to_retry_, {}))
            call_if_wanted(*agent);
        if (done())
            return true;
        if (now_ > give_up)
            return false;
    }
}

void FakeAgents::end_due()
{
    while (!due_.empty() && due_.front().first <= now_) {
        auto const [agent, attempt] = due_.front().second;
        due_.pop_front();
        end(*agent, attempt);
        call_if_wanted(*agent);
    }
}

void FakeAgents::call_if_wanted(Agent& agent)
{
    while (agent.calls.wants_call({}, now_)) {
        auto request = agent.calls.compose({}, now_);
        request.holding.assign(agent.running.begin(), agent.running.end());
        agent.outbox.list_ended(request.holding);
        request.jobs_known.assign(agent.jobs_known.begin(), agent.jobs_known.end());
        send(agent, request);
    }
    auto const wake = agent.calls.next_wake({});
    if (wake && *wake > Mono::min())
        to_retry_.insert(&agent);
}

void FakeAgents::send(Agent& agent, wire::SyncRequest const& request)
{
    auto& line = agent.lines[0].number == 0 ? agent.lines[0] : agent.lines[1];
    VERIFY(line.number == 0);
    auto const body = wire::encode(request);
    line.number = request.number;
    line.written = 0;
    line.out = fmt::format("POST /v1/sync HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n"
                           "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        options_.port, body.size(), body);
    ++calls_;
    if (!line.socket)
        connect(agent, line);
    else
        write_more(agent, line);
}

void FakeAgents::connect(Agent& agent, Line& line)
{
    line.socket = io::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!line.socket)
        return lose(agent, line, fmt::format("no socket: {}", std::strerror(errno)));
    int const on = 1;
    ::setsockopt(line.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(
        static_cast<std::uint32_t>(INADDR_LOOPBACK + 1 + agent.index / agents_per_address));
    auto const* plain = static_cast<sockaddr const*>(static_cast<void const*>(&address));
    ::bind(line.socket.get(), plain, sizeof address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(options_.port);
    if (::connect(line.socket.get(), plain, sizeof address) != 0 && errno != EINPROGRESS)
        return lose(agent, line, fmt::format("cannot connect: {}", std::strerror(errno)));
    epoll_event event {};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &line;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, line.socket.get(), &event);
    ++connections_;
}

void FakeAgents::write_more(Agent& agent, Line& line)
{
    while (line.written < line.out.size()) {
        auto const sent = ::send(line.socket.get(), line.out.data() + line.written,
            line.out.size() - line.written, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
            return;
        if (sent < 0)
            return lose(agent, line, fmt::format("cannot send: {}", std::strerror(errno)));
        line.written += static_cast<std::size_t>(sent);
    }
}

void FakeAgents::read_some(Agent& agent, Line& line)
{
    for (;;) {
        auto const got = ::recv(line.socket.get(), read_buffer_.data(), read_buffer_.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (got <= 0)
            return lose(agent, line, got == 0 ? "the brain hung up" : std::strerror(errno));
        line.in.append(read_buffer_.data(), static_cast<std::size_t>(got));
        if (static_cast<std::size_t>(got) < read_buffer_.size())
            break;
    }
    auto const head_end = line.in.find("\r\n\r\n");
    if (head_end == std::string::npos)
        return;
    auto const head = std::string_view(line.in).substr(0, head_end + 2);
    auto const whole = head_end + 4 + content_length(head);
    if (line.in.size() < whole)
        return;
    auto const response = std::exchange(line.in, {});
    if (!response.starts_with("HTTP/1.1 200"))
        return lose(agent, line, response);
    take_response(agent, line, std::string_view(response).substr(head_end + 4));
}

void FakeAgents::take_response(Agent& agent, Line& line, std::string_view body)
{
    auto const number = std::exchange(line.number, 0);
    auto const reply = wire::decode_sync_reply(body);
    if (!reply)
        return lose(agent, line, reply.error().message);
    std::vector<Note> notes;
    auto const accepted = agent.calls.on_reply(number, *reply, now_, notes);
    // It reports nothing but ends.
    if (reply->reports_applied > agent.reports_applied)
        acknowledged_ += reply->reports_applied
            - std::exchange(agent.reports_applied, reply->reports_applied);
    if (agent.calls.let_in() && !std::exchange(agent.counted, true))
        ++let_in_;
    for (auto const& job : accepted.jobs)
        agent.jobs_known.insert(job.job);
    for (auto const& order : accepted.orders)
        apply(agent, order);
    call_if_wanted(agent);
}

void FakeAgents::apply(Agent& agent, wire::Order const& order)
{
    if (auto const* release = std::get_if<wire::ReleaseJob>(&order))
        agent.jobs_known.erase(release->job);
    auto const* start = std::get_if<wire::Start>(&order);
    if (!start)
        return;
    ++started_;
    if (start->attempt.value >= seen_.size())
        seen_.resize(start->attempt.value * 2);
    repeated_ += seen_[start->attempt.value] ? 1U : 0U;
    seen_[start->attempt.value] = true;
    vcpus_taken_ += start->vcpus;
    if (!options_.task_time)
        agent.running.insert(start->attempt);
    else if (*options_.task_time == Duration {})
        end(agent, start->attempt);
    else {
        agent.running.insert(start->attempt);
        due_.emplace_back(now_ + *options_.task_time, std::pair(&agent, start->attempt));
    }
}

void FakeAgents::end(Agent& agent, AttemptId attempt)
{
    agent.running.erase(attempt);
    wire::Ended ended;
    ended.attempt = attempt;
    ended.outcome = wire::Outcome::succeeded;
    ended.exit_code = 0;
    ended.usage = { options_.task_time->count() > 0 ? *options_.task_time : Duration(1200),
        Duration(800), 3UL << 20 };
    agent.outbox.add(std::move(ended));
}

void FakeAgents::lose(Agent& agent, Line& line, std::string reason)
{
    trouble_ = fmt::format("{}: {}", agent.config.node_key, reason);
    line.socket.reset();
    line.in.clear();
    --connections_;
    std::vector<Note> notes;
    if (auto const number = std::exchange(line.number, 0))
        agent.calls.on_failed(number, { ErrorCode::unavailable, std::move(reason) }, now_, notes);
    to_retry_.insert(&agent);
}

}
