#pragma once

#include <openjd/document.h>
#include <openjd/extension.h>
#include <openjd/format_string.h>
#include <openjd/limits.h>
#include <openjd/text_rules.h>

#include <fmt/format.h>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// How the template decoder walks over a document and collects what is wrong with it.
namespace sidereal::openjd {

// The faults of one document; keeps the first of very many. Knows which extensions the document
// declares, so that a fault can name the one that is missing.
class FaultList {
public:
    FaultList(std::string_view file_name, std::size_t most)
        : file_name_(file_name)
        , most_(most)
    {
    }

    void declare(Extensions extensions) { declared_ = extensions; }
    bool declares(Extension extension) const { return declared_.has(extension); }

    void add(int line, int column, std::string path, std::string message);
    bool empty() const { return faults_.empty(); }
    // What is wrong beyond that is not worth looking for.
    bool full() const { return faults_.size() >= most_; }
    // What checking the document's expressions may still use.
    expr::Budget const& budget() const { return budget_; }
    void set_budget(expr::Budget const& budget) { budget_ = budget; }
    // Whether the document may have this one too, and any more.
    bool may_have(FormatString const& string, Limits const& limits);
    // In the order of the document.
    Diagnostics take();

private:
    std::string file_name_;
    Extensions declared_;
    std::size_t most_;
    bool has_more_ { false };
    expr::Budget budget_ { 10'000'000, 12ULL << 20, 2'000'000 };
    std::size_t expressions_ { 0 };
    std::size_t expression_bytes_ { 0 };
    Diagnostics faults_;
};

// A value of the document and the way to it: steps[2].script.actions.onRun.
class Place {
public:
    Place(FaultList& faults, Node const& node, std::string path)
        : faults_(&faults)
        , node_(&node)
        , path_(std::move(path))
    {
    }

    Node const& node() const { return *node_; }
    FaultList& faults() const { return *faults_; }
    std::string const& path() const { return path_; }
    Place item(std::size_t index) const;
    Place member(std::size_t index) const;
    void complain(std::string message) const;
    void complain_at(int line, int column, std::string message) const;
    template<typename... Args>
    void fault(fmt::format_string<Args...> format, Args&&... args) const
    {
        complain(fmt::format(format, std::forward<Args>(args)...));
    }
    void expected(std::string_view wanted) const;
    bool declares(Extension extension) const { return faults_->declares(extension); }
    // Complains that `thing` needs the extension, unless the document declares it.
    bool require(Extension extension, std::string_view thing) const;

private:
    FaultList* faults_;
    Node const* node_;
    std::string path_;
};

// An object's field, whatever its other fields are; a null counts as absent.
std::optional<Place> find_field(Place const& object, std::string_view name);

// An object's fields by name; what is not among the known names is a fault, and so is a known one
// of an extension that the document does not declare. A null counts as absent.
class Fields {
public:
    Fields(Place place, std::initializer_list<std::string_view> known);

    Place const& place() const { return place_; }
    bool is_object() const { return place_.node().kind == Node::Kind::map; }
    std::optional<Place> get(std::string_view name) const;
    // Absence is a fault.
    std::optional<Place> need(std::string_view name) const;

private:
    Place place_;
};

struct TextRule {
    std::size_t least { 0 };
    std::size_t most { 0 };
    enum class Controls : std::uint8_t {
        refused,
        line_breaks,
        allowed,
    };
    Controls controls { Controls::allowed };
};

struct CountRule {
    std::size_t least { 0 };
    std::size_t most { 0 };
};

// Each of these complains and gives nothing where the value does not obey the rule.
std::optional<std::string> read_text(Place const& place, TextRule const& rule);
std::optional<std::string> read_identifier(Place const& place, Limits const& limits);
std::optional<FormatString> read_format(Place const& place);
// Whole numbers in [least, most].
std::optional<std::int64_t> read_int(Place const& place, std::int64_t least, std::int64_t most);
std::optional<bool> read_bool(Place const& place);
// The index of the word among `words`.
std::optional<std::size_t> read_word(
    Place const& place, std::vector<std::string_view> const& words);
std::vector<Place> read_list(Place const& place, CountRule const& rule);
// An optional description; empty if absent or faulty.
std::string read_description(Fields const& fields, Limits const& limits);
bool obeys(Place const& place, std::string_view text, TextRule const& rule);

}
