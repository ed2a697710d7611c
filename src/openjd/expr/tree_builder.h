#pragma once

#include <openjd/expr/tree.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace sidereal::openjd::expr {

// Puts nodes together for the parser and keeps their heights.
class TreeBuilder {
public:
    explicit TreeBuilder(std::string_view text) { tree_.text = text; }

    NodeId add(Node node, std::vector<NodeId> const& children)
    {
        node.first = static_cast<std::uint32_t>(tree_.children.size());
        node.count = static_cast<std::uint32_t>(children.size());
        std::size_t height = 0;
        for (auto const child : children) {
            tree_.children.push_back(child);
            height = std::max(height, child == no_node ? 0 : heights_[child]);
        }
        tree_.nodes.push_back(node);
        heights_.push_back(height + 1);
        return static_cast<NodeId>(tree_.nodes.size() - 1);
    }

    std::uint32_t add_constant(Value value) { return append(tree_.constants, std::move(value)); }
    std::uint32_t add_name(DottedName name) { return append(tree_.names, std::move(name)); }
    std::uint32_t add_property(std::string_view name)
    {
        return append(tree_.properties, std::string(name));
    }
    std::uint32_t add_function(Function const* function)
    {
        return append(tree_.functions, function);
    }
    std::uint32_t add_comparisons(std::vector<Comparison> const& comparisons)
    {
        auto const index = static_cast<std::uint32_t>(tree_.comparisons.size());
        tree_.comparisons.insert(tree_.comparisons.end(), comparisons.begin(), comparisons.end());
        return index;
    }
    // Loops beside each other share a place, loops in each other do not.
    std::uint32_t add_local(std::size_t depth, std::string_view name)
    {
        tree_.locals.emplace_back(name);
        tree_.loop_depth = std::max(tree_.loop_depth, depth + 1);
        return static_cast<std::uint32_t>(depth);
    }

    Node const& node(NodeId id) const { return tree_.nodes[id]; }
    std::size_t height(NodeId id) const { return heights_[id]; }

    Tree finish(NodeId root)
    {
        tree_.root = root;
        return std::move(tree_);
    }

private:
    template<typename T>
    static std::uint32_t append(std::vector<T>& list, T value)
    {
        list.push_back(std::move(value));
        return static_cast<std::uint32_t>(list.size() - 1);
    }

    Tree tree_;
    std::vector<std::size_t> heights_;
};

}
