#pragma once
// What an exception says, also one that Asio made of several.

#include <boost/asio/multiple_exceptions.hpp>
#include <exception>
#include <string>

namespace evenkeel {

// Of the exception that is being handled. Never throws for want of words; "an exception without
// words" where it is of no known type.
[[nodiscard]] inline std::string words_of_current_exception() {
  try {
    throw;
  } catch (const boost::asio::multiple_exceptions& several) {
    try {
      if (const auto first = several.first_exception()) std::rethrow_exception(first);
    } catch (...) {
      return words_of_current_exception();
    }
    return several.what();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception without words";
  }
}

}  // namespace evenkeel
