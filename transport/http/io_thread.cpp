// SPDX-License-Identifier: Apache-2.0
#include "transport/http/io_thread.hpp"

#include <csignal>

namespace crm::transport {

result<std::unique_ptr<io_thread>> io_thread::start(std::size_t stack_bytes,
                                                    std::function<void()> body) {
  std::unique_ptr<io_thread> made{new io_thread(std::move(body))};
  sigset_t all{};
  sigset_t before{};
  ::sigfillset(&all);
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, stack_bytes);
  // A new thread inherits the mask, so no signal can slip in before it has set its own. SIGPIPE is
  // among them: OpenSSL writes to sockets without MSG_NOSIGNAL.
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto enter = [](void* self) -> void* {
    static_cast<io_thread*>(self)->body_();
    return nullptr;
  };
  pthread_t thread{};
  const int problem = ::pthread_create(&thread, &attributes, enter, made.get());
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_attr_destroy(&attributes);
  if (problem != 0)
    return error{error_code::overloaded, "the system gives no further thread"};
  made->thread_ = thread;
  return made;
}

io_thread::~io_thread() {
  if (thread_)
    ::pthread_join(*thread_, nullptr);
}

} // namespace crm::transport
