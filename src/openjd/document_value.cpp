#include <openjd/document_value.h>

namespace sidereal::openjd {

namespace {

Json number_or_text(Node const& node)
{
    if (auto const whole = node.as_int(); whole && node.kind == Node::Kind::integer)
        return *whole;
    if (auto const number = node.as_float())
        return *number;
    // .inf and .nan
    return boost::json::string(node.text);
}

}

Json to_json(Node const& node)
{
    switch (node.kind) {
    case Node::Kind::null: return nullptr;
    case Node::Kind::boolean: return node.is_true();
    case Node::Kind::integer:
    case Node::Kind::floating: return number_or_text(node);
    case Node::Kind::string: return boost::json::string(node.text);
    case Node::Kind::list: {
        JsonArray items;
        items.reserve(node.children.size());
        for (auto const& child : node.children)
            items.push_back(to_json(child));
        return items;
    }
    case Node::Kind::map: break;
    }
    JsonObject fields;
    for (std::size_t i = 0; i < node.keys.size(); ++i)
        fields.emplace(node.keys[i].text, to_json(node.children[i]));
    return fields;
}

}
