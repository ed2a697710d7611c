#pragma once

#include <base/id.h>
#include <base/json.h>
#include <base/time.h>

#include <concepts>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sidereal::wire {

// One value of a decoded message and its place in it. Reading goes on after a fault and leaves the
// field as it was; the first fault is kept, with its path ("reports[3].attempt"). A child must not
// outlive its parent.
class Reader {
public:
    Reader(Json const* value, std::string_view root, std::optional<Error>& fault)
        : value_(value)
        , name_(root)
        , fault_(fault)
    {
    }

    // A field of an object; its value is null if it is not there.
    Reader operator[](std::string_view name) const;
    bool present() const { return value_ != nullptr; }
    bool failed() const { return fault_.has_value(); }

    void to(std::string& text) const;
    void to(bool& truth) const;
    void to(double& number) const;
    template<std::integral T>
    void to(T& number) const
    {
        boost::json::error_code failure;
        if (value_ && value_->is_number()) {
            auto const read = value_->to_number<T>(failure);
            if (!failure) {
                number = read;
                return;
            }
        }
        fail_expecting("a whole number in range");
    }
    template<typename Tag>
    void to(Id<Tag>& id) const
    {
        to(id.value);
        if (!failed() && !id)
            fail_expecting("an id, 1 or more");
    }
    // Microseconds.
    void to(Duration& duration) const;
    void to_bytes(std::string& bytes) const;

    template<typename T>
    void to(std::optional<T>& content) const
    {
        if (present())
            to(content.emplace());
    }
    template<typename T>
    void to_or_default(T& content) const
    {
        if (present())
            to(content);
    }

    // Calls read(element) for each element of a list; an absent list is empty.
    template<typename Read>
    void each(std::size_t limit, Read const& read) const
    {
        auto const* list = elements(limit);
        for (std::size_t i = 0; list && i < list->size() && !failed(); ++i)
            read(Reader(&(*list)[i], this, i));
    }
    // Calls read(name, field) for each field of an object; an absent object is empty.
    template<typename Read>
    void each_field(std::size_t limit, Read const& read) const
    {
        auto const* object = fields(limit);
        for (auto at = object ? object->begin() : nullptr; at && at != object->end(); ++at)
            read(std::string_view(at->key()), Reader(&at->value(), this, at->key()));
    }

    void fail_expecting(std::string_view what) const;

private:
    static constexpr std::size_t not_an_element = ~std::size_t { 0 };

    Reader(Json const* value, Reader const* parent, std::string_view name)
        : value_(value)
        , parent_(parent)
        , name_(name)
        , fault_(parent->fault_)
    {
    }
    Reader(Json const* value, Reader const* parent, std::size_t index)
        : value_(value)
        , parent_(parent)
        , index_(index)
        , fault_(parent->fault_)
    {
    }

    JsonArray const* elements(std::size_t limit) const;
    JsonObject const* fields(std::size_t limit) const;
    std::string path() const;

    Json const* value_;
    Reader const* parent_ { nullptr };
    std::string_view name_;
    std::size_t index_ { not_an_element };
    std::optional<Error>& fault_;
};

}
