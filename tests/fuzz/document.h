#pragma once

#include <fuzz/fuzz.h>

#include <openjd/document.h>

#include <set>
#include <string>

namespace sidereal::fuzz {

inline void verify_tree(openjd::Node const& node, std::size_t depth)
{
    VERIFY(depth <= openjd::DocumentLimits {}.depth);
    VERIFY(node.line >= 1 && node.column >= 1);
    VERIFY(node.kind == openjd::Node::Kind::map ? node.keys.size() == node.children.size()
                                                : node.keys.empty());
    VERIFY(!node.is_scalar() || node.children.empty());
    if (node.as_int())
        VERIFY(node.kind == openjd::Node::Kind::integer);
    std::set<std::string> names;
    for (auto const& key : node.keys)
        VERIFY(names.insert(key.text).second && node.find(key.text));
    for (auto const& child : node.children)
        verify_tree(child, depth + 1);
}

inline void verify_faults(openjd::Diagnostics const& faults)
{
    VERIFY(!faults.empty());
    for (auto const& fault : faults)
        VERIFY(!fault.message.empty() && fault.line >= 0 && fault.column >= 0);
}

inline void verify_document(openjd::Checked<openjd::Node> const& document)
{
    if (document)
        verify_tree(*document, 0);
    else
        verify_faults(document.error());
}

}
