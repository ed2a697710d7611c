#include <wire/codec.h>

#include <base/prng.h>

#include <gtest/gtest.h>

namespace sidereal::wire {

namespace {

NodeFacts full_facts()
{
    NodeFacts facts;
    facts.name = "iron-7 \"north\"";
    facts.os_family = "linux";
    facts.cpu_arch = "x86_64";
    facts.vcpus = 31.7;
    facts.memory_bytes = 137'438'953'472;
    facts.scratch_bytes = 2'000'000'000'000;
    facts.gpus = { { "GPU-1", "RTX 4090", 25'757'220'864 }, { "GPU-2", "A40", 48'318'382'080 } };
    facts.amounts = { { "houdini", 2 }, { "nuke.seats", 0.1 } };
    facts.attributes = { { "attr.site", { "berlin", "rack-2" } }, { "attr.empty", {} } };
    facts.rate = { 90, 480.25, 0.3112, 0.07 };
    facts.pool = "lan";
    facts.rate.standby_w = 3.5;
    return facts;
}

Ended full_ended()
{
    Ended report;
    report.attempt = { 9'007'199'254'740'993 };
    report.outcome = Outcome::failed;
    report.cause = Cause::timed_out;
    report.exit_code = -1;
    report.signal = 9;
    report.message = "took längér than 3 s\n\ttab \"quote\" \\ \x01";
    report.log_tail = std::string("\xff\x00\x80 bytes", 9);
    report.usage = { Duration(1'234'567), Duration(7'654'321), 1ull << 40, Duration(77),
        1ull << 34 };
    report.limit = "maya";
    return report;
}

SyncRequest full_request()
{
    SyncRequest request;
    request.node_key = "4f2a";
    request.agent_instance = ~std::uint64_t { 0 };
    request.epoch = 3;
    request.facts = full_facts();
    request.brain_instance = 11;
    request.number = 12;
    request.settled = 10;
    request.orders_applied = 9;
    request.holding = { { 5 }, { 6 } };
    request.jobs_known = { { 1 }, { 2 } };
    request.first_report = 7;
    request.reports = { Started { { 5 } },
        Progress { { 5 }, 33.3, "frame 3", Duration(90'000'000) }, full_ended(),
        LogChunk { 4, 65536, 70000, true, std::string(300, '\xfe'), "no such log" } };
    request.leaving = true;
    request.log_rules = ~std::uint64_t { 0 } - 1;
    return request;
}

SyncReply full_reply()
{
    SyncReply reply;
    reply.epoch = 4;
    reply.brain_instance = 5;
    reply.reports_applied = 6;
    reply.first_order = 7;
    reply.orders = { Start { { 8 }, { 9 }, 10, 11, 0.5, 640,
                         { { "GPU-1", 24'564 }, { "GPU-2", 6141, 0.25 } } },
        Cancel { { 8 }, "the job is canceled" }, ReleaseJob { { 9 } },
        ReadLog { 12, { 9 }, { 8 }, 4096, 65536 } };
    reply.jobs = { { { 9 }, "name: x\nsteps: []\n", "/tmp/t.yaml",
        { { "Frames", "1-10" }, { "Out", "/a b/ü" } },
        { { "environment: {}\n", "environment 'conda'" }, { "e", "" } },
        { { "corrupt (scene|file)", Cause::fatal, {}, true } } } };
    reply.lease = std::chrono::seconds(30);
    reply.log_rules = { 77,
        { { "no \\w+ \"seat\"", Cause::no_licence, "maya" }, { "bad disk", Cause::node_fault } } };
    return reply;
}

std::string message_of(std::string_view text)
{
    auto const decoded = decode_sync_request(text);
    return decoded ? "decoded" : decoded.error().message;
}

std::string random_text(Prng& prng)
{
    static constexpr std::array<std::string_view, 8> pieces { "a", "Z9", "\"", "\\", "\n", "ß",
        "\xf0\x9f\x8e\xac", "\x1f" };
    std::string text;
    for (auto left = prng.below(12); left > 0; --left)
        text += pieces[prng.below(pieces.size())];
    return text;
}

std::string random_bytes(Prng& prng)
{
    std::string bytes(prng.below(40), '\0');
    for (auto& byte : bytes)
        byte = static_cast<char>(prng.below(256));
    return bytes;
}

double random_number(Prng& prng)
{
    return prng.chance(0.3) ? 0 : (prng.unit() - 0.5) * static_cast<double>(prng.below(1u << 20));
}

template<typename IdType>
IdType random_id(Prng& prng)
{
    return { prng.next() >> prng.below(63) | 1 };
}

Duration random_duration(Prng& prng) { return Duration(prng.between(0, 1ll << 50)); }

NodeFacts random_facts(Prng& prng)
{
    NodeFacts facts;
    facts.name = random_text(prng);
    facts.os_family = random_text(prng);
    facts.vcpus = random_number(prng);
    facts.memory_bytes = prng.next();
    for (auto left = prng.below(3); left > 0; --left)
        facts.gpus.push_back({ random_text(prng), random_text(prng), prng.next() });
    for (auto left = prng.below(3); left > 0; --left)
        facts.amounts[random_text(prng)] = random_number(prng);
    for (auto left = prng.below(3); left > 0; --left)
        facts.attributes[random_text(prng)] = { random_text(prng), random_text(prng) };
    facts.rate.usd_per_h = random_number(prng);
    facts.pool = random_text(prng);
    return facts;
}

Report random_report(Prng& prng)
{
    auto const attempt = random_id<AttemptId>(prng);
    switch (prng.below(4)) {
    case 0: return Started { attempt };
    case 1: return Progress { attempt, random_number(prng), random_text(prng) };
    case 2:
        return LogChunk { prng.next(), prng.next(), prng.next(), prng.chance(0.5),
            random_bytes(prng), random_text(prng) };
    default: break;
    }
    Ended report { attempt, static_cast<Outcome>(prng.below(3)), static_cast<Cause>(prng.below(12)),
        {}, {}, random_text(prng), random_bytes(prng),
        { random_duration(prng), random_duration(prng), prng.next(), random_duration(prng),
            prng.next() } };
    if (prng.chance(0.5))
        report.exit_code = static_cast<int>(prng.between(-256, 256));
    if (prng.chance(0.5))
        report.signal = static_cast<int>(prng.below(64));
    return report;
}

Order random_order(Prng& prng)
{
    auto const attempt = random_id<AttemptId>(prng);
    auto const job = random_id<JobId>(prng);
    switch (prng.below(4)) {
    case 0:
        return Start { attempt, job, static_cast<std::uint32_t>(prng.below(1ull << 32)),
            prng.next(), random_number(prng), random_number(prng),
            { { random_text(prng), random_number(prng), random_number(prng) } },
            1 + prng.below(1000) };
    case 1: return Cancel { attempt, random_text(prng) };
    case 2: return ReleaseJob { job };
    default: return ReadLog { prng.next(), job, attempt, prng.next(), prng.next() };
    }
}

SyncRequest random_request(Prng& prng)
{
    SyncRequest request;
    request.node_key = random_text(prng);
    request.agent_instance = prng.next();
    if (prng.chance(0.3))
        request.facts = random_facts(prng);
    request.number = prng.below(3);
    request.first_report = prng.next();
    for (auto left = prng.below(5); left > 0; --left)
        request.holding.push_back(random_id<AttemptId>(prng));
    for (auto left = prng.below(5); left > 0; --left)
        request.reports.push_back(random_report(prng));
    request.leaving = prng.chance(0.5);
    return request;
}

SyncReply random_reply(Prng& prng)
{
    SyncReply reply;
    reply.epoch = prng.next();
    reply.first_order = prng.below(3);
    for (auto left = prng.below(5); left > 0; --left)
        reply.orders.push_back(random_order(prng));
    for (auto left = prng.below(2); left > 0; --left)
        reply.jobs.push_back({ random_id<JobId>(prng), random_text(prng), random_text(prng),
            { { random_text(prng), random_text(prng) } },
            { { random_text(prng), random_text(prng) } } });
    reply.lease = random_duration(prng);
    return reply;
}

}

TEST(Codec, a_full_request_comes_back_the_same)
{
    auto const decoded = decode_sync_request(encode(full_request()));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, full_request());
}

TEST(Codec, a_full_reply_comes_back_the_same)
{
    auto const decoded = decode_sync_reply(encode(full_reply()));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, full_reply());
}

TEST(Codec, messages_of_defaults_come_back_the_same)
{
    EXPECT_EQ(decode_sync_request(encode(SyncRequest {})), SyncRequest {});
    EXPECT_EQ(decode_sync_reply(encode(SyncReply {})), SyncReply {});
}

TEST(Codec, random_messages_come_back_the_same)
{
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        Prng prng(seed);
        auto const request = random_request(prng);
        auto const reply = random_reply(prng);
        ASSERT_EQ(decode_sync_request(encode(request)), request) << "seed " << seed;
        ASSERT_EQ(decode_sync_reply(encode(reply)), reply) << "seed " << seed;
    }
}

TEST(Codec, every_truncation_is_an_error)
{
    auto const request = encode(full_request());
    for (std::size_t size = 0; size < request.size(); ++size)
        ASSERT_FALSE(decode_sync_request(request.substr(0, size)).has_value()) << size;
    auto const reply = encode(full_reply());
    for (std::size_t size = 0; size < reply.size(); ++size)
        ASSERT_FALSE(decode_sync_reply(reply.substr(0, size)).has_value()) << size;
}

TEST(Codec, a_changed_byte_never_crashes)
{
    auto const whole = encode(full_request());
    Prng prng(1);
    int refused = 0;
    for (int round = 0; round < 5000; ++round) {
        auto broken = whole;
        broken[prng.below(broken.size())] = static_cast<char>(prng.below(256));
        refused += decode_sync_request(broken).has_value() ? 0 : 1;
    }
    EXPECT_GT(refused, 1000);
}

TEST(Codec, unknown_fields_are_ignored)
{
    auto const decoded = decode_sync_request(
        R"({"protocol":1,"node_key":"k","first_report":1,"weather":{"rain":[1,2]},)"
        R"("reports":[{"kind":"started","attempt":4,"mood":"good"}]})");
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(decoded->reports, std::vector<Report>({ Started { { 4 } } }));
}

TEST(Codec, a_fault_names_the_field_by_its_path)
{
    auto const with_reports = [](std::string_view reports) {
        return message_of(fmt::format(
            R"({{"protocol":1,"node_key":"k","first_report":1,"reports":{}}})", reports));
    };
    constexpr auto started = R"({"kind":"started","attempt":1})";
    EXPECT_EQ(with_reports(fmt::format(R"([{0},{0},{0},{{"kind":"started"}}])", started)),
        "field 'reports[3].attempt': expected a whole number in range");
    EXPECT_EQ(with_reports(R"([{"kind":"started","attempt":0}])"),
        "field 'reports[0].attempt': expected an id, 1 or more");
    EXPECT_EQ(with_reports(R"([{"kind":"started","attempt":-1}])"),
        "field 'reports[0].attempt': expected a whole number in range");
    EXPECT_EQ(with_reports(R"([{"kind":"ended","attempt":1,"outcome":"lost"}])"),
        "field 'reports[0].outcome': expected an outcome");
    EXPECT_EQ(with_reports(R"([{"kind":"log_chunk","request":1,"data":"a"}])"),
        "field 'reports[0].data': expected a string in base64");
    EXPECT_EQ(with_reports(R"([{"kind":"dance"}])"),
        "field 'reports[0].kind': expected a kind of report that protocol 1 knows");
    EXPECT_EQ(with_reports("[7]"), "field 'reports[0]': expected an object");
    EXPECT_EQ(with_reports("{}"), "field 'reports': expected a list");
    EXPECT_EQ(message_of("[]"), "field 'request': expected an object");
    EXPECT_EQ(
        message_of(R"({"protocol":1,"first_report":1})"), "field 'node_key': expected a string");
}

TEST(Codec, a_fault_deep_in_the_facts_names_its_path)
{
    EXPECT_EQ(message_of(R"({"protocol":1,"node_key":"k","first_report":1,)"
                         R"("facts":{"name":"n","vcpus":1,"attributes":{"attr.a":["b",2]}}})"),
        "field 'facts.attributes.attr.a[1]': expected a string");
}

TEST(Codec, too_many_reports_are_refused)
{
    SyncRequest request;
    request.reports.assign(100'000, Started { { 1 } });
    EXPECT_TRUE(decode_sync_request(encode(request)).has_value());
    request.reports.emplace_back(Started { { 1 } });
    EXPECT_EQ(message_of(encode(request)), "field 'reports': expected at most 100000 elements");
}

TEST(Codec, another_protocol_is_refused_and_the_older_side_named)
{
    EXPECT_EQ(decode_sync_request(R"({"protocol":0})").error(),
        (Error { ErrorCode::conflict,
            "the agent speaks protocol 0, the brain protocol 1: update the agent" }));
    EXPECT_EQ(decode_sync_request(R"({"protocol":2,"node_key":7})").error(),
        (Error { ErrorCode::conflict,
            "the agent speaks protocol 2, the brain protocol 1: update the brain" }));
    EXPECT_EQ(decode_sync_reply(R"({"protocol":2})").error(),
        (Error { ErrorCode::conflict,
            "the brain speaks protocol 2, the agent protocol 1: update the agent" }));
    EXPECT_EQ(message_of("{}"), "field 'protocol': expected a whole number in range");
}

TEST(Codec, words_that_are_not_utf8_do_not_spoil_a_message)
{
    SyncRequest request;
    request.reports = { Progress { { 1 }, 5, "caf\xe9 \xff!" } };
    auto const decoded = decode_sync_request(encode(request));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(
        std::get<Progress>(decoded->reports.front()).message, "caf\xef\xbf\xbd \xef\xbf\xbd!");
}

TEST(Codec, node_facts_come_back_the_same)
{
    JsonWriter json;
    write(json, full_facts());
    auto const parsed = parse_json(json.view());
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(read_node_facts(parsed->get_object()), full_facts());
}

TEST(Codec, every_outcome_and_cause_has_one_name)
{
    for (unsigned value = 0; value < 3; ++value) {
        auto const outcome = static_cast<Outcome>(value);
        EXPECT_EQ(parse_outcome(to_string(outcome)), outcome);
    }
    for (unsigned value = 0; value < 8; ++value) {
        auto const cause = static_cast<Cause>(value);
        EXPECT_EQ(parse_cause(to_string(cause)), cause);
    }
    EXPECT_EQ(to_string(Cause::interrupted), "interrupted");
    EXPECT_EQ(parse_outcome("lost"), std::nullopt);
    EXPECT_EQ(parse_cause(""), std::nullopt);
}

}
