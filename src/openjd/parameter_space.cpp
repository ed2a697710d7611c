#include <openjd/parameter_space.h>

#include <base/verify.h>
#include <openjd/text_rules.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sidereal::openjd {

// A leaf carries a parameter and its place among the step's parameters; a branch carries parts.
struct ParameterSpace::Node {
    Combination::Kind kind { Combination::Kind::parameter };
    std::uint64_t size { 1 };
    TaskParameterRange range;
    std::size_t slot { 0 };
    std::vector<Node> parts;
    // Leaves below this node, itself included.
    std::size_t parameters { 0 };
};

namespace {

using Node = ParameterSpace::Node;
using Kind = Combination::Kind;

Result<Node> make_leaf(TaskParameterRange range, std::size_t slot)
{
    Node node;
    node.size = std::visit(
        [](auto const& values) -> std::uint64_t { return values.size(); }, range.values);
    if (node.size == 0)
        return fail(ErrorCode::invalid_input, "parameter '{}' has no values", range.name);
    node.range = std::move(range);
    node.slot = slot;
    node.parameters = 1;
    return node;
}

std::string label_of(Node const& node)
{
    if (node.kind == Kind::parameter)
        return node.range.name;
    std::string out;
    for (auto const& part : node.parts)
        out += (out.empty() ? "" : node.kind == Kind::product ? " * " : ", ") + label_of(part);
    return node.kind == Kind::product ? out : "(" + out + ")";
}

Status measure_branch(Node& node)
{
    node.size = node.kind == Kind::product ? 1 : node.parts.front().size;
    for (auto const& part : node.parts) {
        node.parameters += part.parameters;
        if (node.kind == Kind::product && part.size > (ParameterSpace::max_size - 1) / node.size)
            return fail(ErrorCode::invalid_input, "the combination {} has 2^62 tasks or more",
                label_of(node));
        if (node.kind == Kind::product)
            node.size *= part.size;
        else if (part.size != node.size)
            return fail(ErrorCode::invalid_input,
                "side by side in {} need equally many values: {} has {}, {} has {}", label_of(node),
                label_of(node.parts.front()), node.size, label_of(part), part.size);
    }
    return {};
}

Result<Node> build(std::vector<TaskParameterRange>& parameters, Combination const& combination)
{
    if (combination.kind == Kind::parameter) {
        auto const found = std::find_if(parameters.begin(), parameters.end(),
            [&](auto const& parameter) { return parameter.name == combination.name; });
        VERIFY(found != parameters.end());
        auto const slot = static_cast<std::size_t>(found - parameters.begin());
        return make_leaf(std::move(*found), slot);
    }
    Node node;
    node.kind = combination.kind;
    for (auto const& part : combination.parts)
        node.parts.push_back(TRY(build(parameters, part)));
    VERIFY(!node.parts.empty());
    TRY(measure_branch(node));
    return node;
}

void write_leaf(Node const& leaf, std::uint64_t index, TaskParameter& out)
{
    if (out.name != leaf.range.name)
        out.name = leaf.range.name;
    out.type = leaf.range.type;
    if (auto const* const expression = std::get_if<IntRange>(&leaf.range.values)) {
        std::array<char, 24> buffer;
        auto const end = std::to_chars(
            buffer.data(), buffer.data() + buffer.size(), expression->at(index))
                             .ptr;
        out.value.assign(buffer.data(), end);
        return;
    }
    if (auto const* const list = std::get_if<std::vector<std::string>>(&leaf.range.values))
        out.value = (*list)[index];
    else
        out.value = std::get<ChunkedRange>(leaf.range.values).at(index);
}

void write(Node const& node, std::uint64_t index, TaskParameters& out)
{
    switch (node.kind) {
    case Kind::parameter: write_leaf(node, index, out[node.slot]); return;
    case Kind::lock_step:
        for (auto const& part : node.parts)
            write(part, index, out);
        return;
    case Kind::product:
        for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part) {
            write(*part, index % part->size, out);
            index /= part->size;
        }
        return;
    }
}

using Found = std::optional<std::uint64_t>;

// The first index at or after `from` at which this node takes the wanted values.
Found find_from(Node const& node, TaskParameters const& wanted, std::uint64_t from);

Found find_in_leaf(Node const& leaf, TaskParameters const& wanted, std::uint64_t from)
{
    auto const parameter = std::find_if(wanted.begin(), wanted.end(),
        [&](auto const& candidate) { return candidate.name == leaf.range.name; });
    if (parameter == wanted.end())
        return std::nullopt;
    if (auto const* const expression = std::get_if<IntRange>(&leaf.range.values)) {
        auto const number = parse_int(parameter->value);
        auto const index = number ? expression->index_of(*number) : std::nullopt;
        return index && *index >= from ? index : std::nullopt;
    }
    if (auto const* const chunks = std::get_if<ChunkedRange>(&leaf.range.values)) {
        auto const index = chunks->index_of(parameter->value);
        return index && *index >= from ? index : std::nullopt;
    }
    auto const& values = std::get<std::vector<std::string>>(leaf.range.values);
    for (auto i = from; i < values.size(); ++i) {
        if (values[i] == parameter->value)
            return i;
    }
    return std::nullopt;
}

Found find_in_lock_step(Node const& node, TaskParameters const& wanted, std::uint64_t from)
{
    for (;;) {
        auto const start = from;
        for (auto const& part : node.parts) {
            auto const found = find_from(part, wanted, from);
            if (!found)
                return std::nullopt;
            from = *found;
        }
        if (from == start)
            return from;
    }
}

// The smallest tuple of digits that is not below `from` and takes the wanted values: as many
// leading digits of `from` as possible, then one that is greater, then the first ones.
Found find_in_product(Node const& node, TaskParameters const& wanted, std::uint64_t from)
{
    auto const count = node.parts.size();
    if (from >= node.size)
        return std::nullopt;
    std::vector<std::uint64_t> digits(count);
    for (auto i = count; i-- > 0;) {
        digits[i] = from % node.parts[i].size;
        from /= node.parts[i].size;
    }
    std::size_t exact = 0;
    while (exact < count && find_from(node.parts[exact], wanted, digits[exact]) == digits[exact])
        ++exact;
    auto keep = exact;
    for (; keep < count; --keep) {
        auto const greater = find_from(node.parts[keep], wanted, digits[keep] + 1);
        if (greater) {
            digits[keep] = *greater;
            break;
        }
        if (keep == 0)
            return std::nullopt;
    }
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto const digit = i <= keep ? Found(digits[i]) : find_from(node.parts[i], wanted, 0);
        if (!digit)
            return std::nullopt;
        index = index * node.parts[i].size + *digit;
    }
    return index;
}

Found find_from(Node const& node, TaskParameters const& wanted, std::uint64_t from)
{
    switch (node.kind) {
    case Kind::parameter: return find_in_leaf(node, wanted, from);
    case Kind::lock_step: return find_in_lock_step(node, wanted, from);
    case Kind::product: return find_in_product(node, wanted, from);
    }
    return std::nullopt;
}

}

ParameterSpace::ParameterSpace() = default;

ParameterSpace::ParameterSpace(std::shared_ptr<Node const> root)
    : root_(std::move(root))
    , size_(root_ ? root_->size : 1)
{
}

Result<ParameterSpace> ParameterSpace::make(
    std::vector<TaskParameterRange> parameters, Combination const& combination)
{
    return ParameterSpace(std::make_shared<Node const>(TRY(build(parameters, combination))));
}

TaskParameters ParameterSpace::at(std::uint64_t task) const
{
    TaskParameters out;
    at(task, out);
    return out;
}

void ParameterSpace::at(std::uint64_t task, TaskParameters& out) const
{
    VERIFY(task < size_);
    out.resize(root_ ? root_->parameters : 0);
    if (root_)
        write(*root_, task, out);
}

namespace {

// What varies fastest, if it is chunked.
Node const* innermost_chunks(Node const& root)
{
    auto const& node = root.kind == Kind::product ? root.parts.back() : root;
    return std::holds_alternative<ChunkedRange>(node.range.values) ? &node : nullptr;
}

}

std::uint64_t ParameterSpace::together(std::uint64_t task) const
{
    VERIFY(task < size_);
    auto const* const leaf = root_ ? innermost_chunks(*root_) : nullptr;
    return leaf ? std::get<ChunkedRange>(leaf->range.values).together(task % leaf->size) : 1;
}

TaskParameters ParameterSpace::at(std::uint64_t task, std::uint64_t tasks) const
{
    auto out = at(task);
    if (tasks == 1)
        return out;
    auto const* const leaf = root_ ? innermost_chunks(*root_) : nullptr;
    VERIFY(leaf);
    out[leaf->slot].value = std::get<ChunkedRange>(leaf->range.values).at(task % leaf->size, tasks);
    return out;
}

std::optional<std::uint64_t> ParameterSpace::index_of(TaskParameters const& values) const
{
    if (values.size() != (root_ ? root_->parameters : 0))
        return std::nullopt;
    return root_ ? find_from(*root_, values, 0) : Found(0);
}

namespace {

Node const* chunked_leaf(Node const& node)
{
    if (std::holds_alternative<ChunkedRange>(node.range.values))
        return &node;
    for (auto const& part : node.parts) {
        if (auto const* const leaf = chunked_leaf(part))
            return leaf;
    }
    return nullptr;
}

}

bool ParameterSpace::holds(TaskParameters const& values) const
{
    auto const* const leaf = root_ ? chunked_leaf(*root_) : nullptr;
    if (!leaf)
        return index_of(values).has_value();
    // The chunked parameter stands beside no other, so that any of its chunks goes with the rest.
    auto const& chunks = std::get<ChunkedRange>(leaf->range.values);
    auto others = values;
    for (auto& value : others) {
        if (value.name != leaf->range.name)
            continue;
        if (!chunks.holds(value.value))
            return false;
        value.value = chunks.at(0);
    }
    return index_of(others).has_value();
}

}
