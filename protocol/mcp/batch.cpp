// SPDX-License-Identifier: Apache-2.0
#include "protocol/mcp/batch.hpp"

namespace crm::mcp {

class batch::part : public exchange {
public:
  explicit part(std::shared_ptr<batch> owner) : owner_(std::move(owner)) {}

protected:
  void write(const std::string& message) override { owner_->whole_->send(message); }
  void finish(const reply& last) override {
    owner_->add(last.text);
    owner_->leave();
  }
  void abandon() override { owner_->leave(); }

private:
  std::shared_ptr<batch> owner_;
};

std::shared_ptr<exchange> batch::member() {
  auto one = std::make_shared<part>(shared_from_this());
  {
    const std::lock_guard lock{mutex_};
    ++awaited_;
  }
  whole_->at_end([weak = std::weak_ptr<exchange>{one}] {
    if (const auto left = weak.lock())
      left->cancel();
  });
  return one;
}

void batch::close() {
  leave();
}

void batch::add(const std::string& text) {
  const std::lock_guard lock{mutex_};
  answers_.append(answers_.empty() ? "[" : ",").append(text);
}

void batch::leave() {
  std::string text;
  {
    const std::lock_guard lock{mutex_};
    if (--awaited_ > 0)
      return;
    text.swap(answers_);
  }
  if (text.empty())
    return whole_->cancel();
  whole_->answer({text += ']'});
}

} // namespace crm::mcp
