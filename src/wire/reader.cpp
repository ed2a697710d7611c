#include <wire/reader.h>

#include <wire/base64.h>

#include <cmath>

namespace sidereal::wire {

Reader Reader::operator[](std::string_view name) const
{
    if (value_ && value_->is_object())
        return Reader(find(value_->get_object(), name), this, name);
    fail_expecting("an object");
    return Reader(nullptr, this, name);
}

void Reader::to(std::string& text) const
{
    if (!value_ || !value_->is_string())
        return fail_expecting("a string");
    auto const& found = value_->get_string();
    text.assign(found.data(), found.size());
}

void Reader::to(bool& truth) const
{
    if (!value_ || !value_->is_bool())
        return fail_expecting("true or false");
    truth = value_->get_bool();
}

void Reader::to(double& number) const
{
    boost::json::error_code failure;
    if (value_ && value_->is_number()) {
        auto const read = value_->to_number<double>(failure);
        if (!failure && std::isfinite(read)) {
            number = read;
            return;
        }
    }
    fail_expecting("a number");
}

void Reader::to(Duration& duration) const
{
    auto count = duration.count();
    to(count);
    duration = Duration(count);
}

void Reader::to_bytes(std::string& bytes) const
{
    if (!value_ || !value_->is_string())
        return fail_expecting("a string in base64");
    auto const& found = value_->get_string();
    auto decoded = from_base64({ found.data(), found.size() });
    if (!decoded)
        return fail_expecting("a string in base64");
    bytes = std::move(*decoded);
}

JsonArray const* Reader::elements(std::size_t limit) const
{
    if (!present())
        return nullptr;
    if (!value_->is_array())
        fail_expecting("a list");
    else if (value_->get_array().size() > limit)
        fail_expecting(fmt::format("at most {} elements", limit));
    else
        return &value_->get_array();
    return nullptr;
}

JsonObject const* Reader::fields(std::size_t limit) const
{
    if (!present())
        return nullptr;
    if (!value_->is_object())
        fail_expecting("an object");
    else if (value_->get_object().size() > limit)
        fail_expecting(fmt::format("at most {} fields", limit));
    else
        return &value_->get_object();
    return nullptr;
}

void Reader::fail_expecting(std::string_view what) const
{
    if (!failed())
        fault_ = Error { ErrorCode::invalid_input,
            fmt::format("field '{}': expected {}", path(), what) };
}

std::string Reader::path() const
{
    if (!parent_)
        return std::string(name_);
    auto const above = parent_->parent_ ? parent_->path() : std::string();
    if (index_ != not_an_element)
        return fmt::format("{}[{}]", above, index_);
    return above.empty() ? std::string(name_) : fmt::format("{}.{}", above, name_);
}

}
