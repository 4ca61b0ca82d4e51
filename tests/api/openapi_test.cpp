// The file that describes the API, held against what there is.

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/api/asked.hpp"

namespace evenkeel::api::openapi_test {
namespace {

using testing::Contains;
using Json = nlohmann::json;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return text;
}

struct OpenApiTest : ApiTest {
  Json file = body_of("/api/v1/openapi.json");

  // Whether the value is of the schema, as far as the file uses OpenAPI; else where it is not.
  void expect_valid(const Json& value, const Json& schema, const std::string& where) {
    if (schema.contains("$ref")) {
      const auto name = schema.at("$ref").get<std::string>().substr(1);
      return expect_valid(value, file.at(Json::json_pointer(name)), where);
    }
    for (const auto& part : schema.value("allOf", Json::array())) expect_valid(value, part, where);
    if (!schema.contains("type")) return;
    const std::string type = schema.at("type");
    const std::map<std::string, bool> is{
        {"object", value.is_object()},          {"array", value.is_array()},
        {"string", value.is_string()},          {"boolean", value.is_boolean()},
        {"integer", value.is_number_integer()}, {"number", value.is_number()}};
    ASSERT_TRUE(is.at(type)) << where << ": " << value << " is no " << type;
    if (schema.contains("enum")) {
      EXPECT_THAT(schema.at("enum"), Contains(value)) << where;
    }
    for (const auto& name : schema.value("required", Json::array())) {
      EXPECT_TRUE(value.contains(name.get<std::string>())) << where << " lacks " << name;
    }
    if (type == "array") {
      for (const auto& each : value) expect_valid(each, schema.at("items"), where + "[]");
    }
    if (type != "object" || !schema.contains("properties")) return;
    const auto& known = schema.at("properties");
    for (const auto& [name, member] : value.items()) {
      if (known.contains(name)) expect_valid(member, known.at(name), where + "." + name);
    }
  }

  // Members that the file does not name.
  std::set<std::string> unknown(const Json& value, const std::string& schema) {
    std::set<std::string> names;
    const auto& known = file.at("components").at("schemas").at(schema).at("properties");
    for (const auto& [name, member] : value.items()) {
      if (!known.contains(name)) names.insert(name);
    }
    return names;
  }

  void check(const std::string& path, const std::string& schema) {
    const auto value = body_of("/api/v1/" + path);
    expect_valid(value, {{"$ref", "#/components/schemas/" + schema}}, path);
    EXPECT_THAT(unknown(value, schema), testing::IsEmpty()) << path;
  }
};

TEST_F(OpenApiTest, NamesEveryEndpointAndNoOther) {
  std::set<std::pair<std::string, std::string>> described;
  for (const auto& [path, methods] : file.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) {
      described.emplace(upper(method), path.substr(1));
    }
  }
  std::set<std::pair<std::string, std::string>> served;
  for (const auto& endpoint : endpoints()) {
    served.emplace(std::string(endpoint.method), std::string(endpoint.path));
  }
  EXPECT_EQ(described, served);
}

TEST_F(OpenApiTest, IsThereBeforeTheFirstObservation) {
  control.picture = nullptr;
  EXPECT_EQ(get("/api/v1/openapi.json").status, 200);
}

TEST_F(OpenApiTest, DescribesTheAnswers) {
  auto full = example();
  full.pause = loop::Pause{"why", "ann", full.at, full.at};
  full.next_round = full.at;
  publish(std::move(full));
  check("status", "Status");
  check("nodes", "Nodes");
  check("replicas", "Replicas");
  check("segments", "Segments");
  check("decisions", "Decisions");
  check("plan", "Plan");
  make_movable();
  check("plan", "Plan");
}

TEST_F(OpenApiTest, DescribesErrors) {
  const auto error = Json::parse(get("/api/v1/segments", "limit=0").body);
  expect_valid(error, {{"$ref", "#/components/schemas/Error"}}, "error");
}

TEST_F(OpenApiTest, ItsReferencesLeadSomewhere) {
  const std::string text = file.dump();
  std::size_t count = 0;
  for (std::size_t at = text.find("\"#/"); at != std::string::npos;
       at = text.find("\"#/", at + 1)) {
    const auto end = text.find('"', at + 1);
    const Json::json_pointer to(text.substr(at + 2, end - at - 2));
    EXPECT_TRUE(file.contains(to)) << to;
    ++count;
  }
  EXPECT_GT(count, 50U);
}

TEST_F(OpenApiTest, WhatChangesSomethingNamesItsCredentials) {
  for (const auto& [path, methods] : file.at("paths").items()) {
    if (!methods.contains("post")) continue;
    EXPECT_FALSE(methods.at("post").at("security").empty()) << path;
    const auto& responses = methods.at("post").at("responses");
    for (const char* status : {"400", "401", "403", "415", "503"}) {
      EXPECT_TRUE(responses.contains(status)) << path << ' ' << status;
    }
    // Alertmanager would not try again.
    const bool dropped = path != "/alerts";
    for (const char* status : {"413", "429"}) {
      EXPECT_EQ(responses.contains(status), dropped) << path << ' ' << status;
    }
  }
}

}  // namespace
}  // namespace evenkeel::api::openapi_test
