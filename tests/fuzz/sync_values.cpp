#include <fuzz/fuzz.h>

#include <wire/codec.h>
#include <wire/utf8.h>

#include <fuzzer/FuzzedDataProvider.h>

// Messages made of any values arrive as they were sent.
namespace sidereal::fuzz {

// Ids and numbers that a JSON number holds exactly.
constexpr std::uint64_t max_number = std::uint64_t { 1 } << 53;

class Maker {
public:
    explicit Maker(std::string_view input)
        : bytes_(reinterpret_cast<std::uint8_t const*>(input.data()), input.size())
    {
    }

    wire::SyncRequest request()
    {
        wire::SyncRequest request;
        request.node_key = text();
        request.agent_instance = number();
        request.epoch = number();
        if (truth())
            request.facts = facts();
        request.number = number();
        request.orders_applied = number();
        request.first_report = number();
        request.leaving = truth();
        request.log_rules = number();
        while (truth())
            request.holding.push_back({ number() + 1 });
        while (truth())
            request.reports.push_back(report());
        return request;
    }

    wire::SyncReply reply()
    {
        wire::SyncReply reply;
        reply.epoch = number();
        reply.reports_applied = number();
        reply.first_order = number();
        reply.lease = Duration(static_cast<Duration::rep>(number()));
        while (truth())
            reply.orders.push_back(order());
        while (truth())
            reply.jobs.push_back({ { number() + 1 }, text(), text(), { { text(), text() } },
                { { text(), text() } }, log_rules() });
        if (truth())
            reply.log_rules = { number(), log_rules() };
        return reply;
    }

private:
    bool truth() { return bytes_.remaining_bytes() > 0 && bytes_.ConsumeBool(); }
    std::uint64_t number() { return bytes_.ConsumeIntegralInRange<std::uint64_t>(0, max_number); }
    double real() { return bytes_.ConsumeFloatingPointInRange(-1e12, 1e12); }
    std::string bytes() { return bytes_.ConsumeRandomLengthString(64); }
    // What is meant to be read is scrubbed on its way, so only clean text comes back as it was.
    std::string text() { return wire::scrubbed_utf8(bytes()); }

    wire::NodeFacts facts()
    {
        wire::NodeFacts facts;
        facts.name = text();
        facts.vcpus = real();
        facts.memory_bytes = number();
        facts.amounts[text()] = real();
        facts.attributes[text()] = { text(), text() };
        facts.gpus.push_back({ text(), text(), number() });
        facts.rate = { real(), real(), real(), real() };
        return facts;
    }

    std::vector<wire::LogRule> log_rules()
    {
        std::vector<wire::LogRule> rules;
        while (truth())
            rules.push_back({ text(), truth() ? wire::Cause::fatal : wire::Cause::no_licence,
                text(), truth() });
        return rules;
    }

    wire::Report report()
    {
        AttemptId const attempt { number() + 1 };
        switch (bytes_.ConsumeIntegralInRange(0, 3)) {
        case 0: return wire::Started { attempt };
        case 1:
            return wire::Progress { attempt, real(), text(),
                Duration(static_cast<Duration::rep>(number())) };
        case 2: return wire::LogChunk { number(), number(), number(), truth(), bytes(), text() };
        default: break;
        }
        wire::Ended ended { .attempt = attempt };
        ended.outcome = truth() ? wire::Outcome::succeeded : wire::Outcome::canceled;
        ended.cause = truth() ? wire::Cause::none : wire::Cause::interrupted;
        if (truth())
            ended.exit_code = bytes_.ConsumeIntegral<int>();
        if (truth())
            ended.signal = bytes_.ConsumeIntegral<int>();
        ended.message = text();
        ended.limit = text();
        ended.log_tail = bytes();
        ended.usage = { Duration(static_cast<Duration::rep>(number())),
            Duration(static_cast<Duration::rep>(number())), number() };
        return ended;
    }

    wire::Order order()
    {
        AttemptId const attempt { number() + 1 };
        JobId const job { number() + 1 };
        switch (bytes_.ConsumeIntegralInRange(0, 3)) {
        case 0: return wire::Cancel { attempt, text() };
        case 1: return wire::ReleaseJob { job };
        case 2: return wire::ReadLog { number(), job, attempt, number(), number() };
        default:
            return wire::Start { attempt, job, bytes_.ConsumeIntegral<std::uint32_t>(), number(),
                real() };
        }
    }

    FuzzedDataProvider bytes_;
};

void take(std::string_view input)
{
    Maker maker(input);
    auto const request = maker.request();
    auto const received = wire::decode_sync_request(wire::encode(request));
    VERIFY(received && *received == request);
    auto const reply = maker.reply();
    auto const answered = wire::decode_sync_reply(wire::encode(reply));
    VERIFY(answered && *answered == reply);
}

}
