// Calls the service, and says in Chinese what went wrong. The key lives in this tab alone and ends with it.
import { announce } from "./dom.js";

const KEY = "triage.key";

export const key = {
  get: () => sessionStorage.getItem(KEY) ?? "",
  set: (value) => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

const FIELDS = { text: "投诉内容", channel: "发生渠道", received: "收到时间", who: "工号", note: "备注" };

export class ServiceError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Return the answer of `path` as JSON; `body` makes it a POST. Throws a ServiceError that a person can read. */
export async function call(path, body) {
  const headers = key.get() ? { Authorization: `Bearer ${key.get()}` } : {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ServiceError(0, "连不上服务。请检查网络，稍后再试；已填写的内容都还在。");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  throw new ServiceError(answer.status, explain(answer, told.error ?? {}));
}

function explain(answer, error) {
  const wait = answer.headers.get("Retry-After");
  const where = FIELDS[error.field] ?? error.field;
  const number = error.request_id ? `（请求编号 ${error.request_id}）` : "";
  switch (answer.status) {
    case 401: return key.get() ? "密钥无效或已过期，请重新输入。" : "请先输入访问密钥。";
    case 403: return "这把密钥没有所需的权限：判定需要 predict，复核需要 feedback。";
    case 404: return "找不到这条记录，它可能已按要求删除。";
    case 409: return "这条记录刚被别人处理过，请刷新队列。";
    case 413: return "内容太长，超出服务允许的长度。";
    case 422: return `${where ?? "内容"}不符合要求：${error.message ?? ""}`;
    case 429:
    case 503: return `服务暂时繁忙${wait ? `，请 ${wait} 秒后再试` : "，请稍后再试"}。`;
    default: return `服务出错${number}，请稍后再试。`;
  }
}

/** Show an error in `place`, which is an alert, and ask for the key where that is what is missing. */
export function showError(place, error) {
  const known = error instanceof ServiceError;
  place.textContent = known ? error.message : "页面出错，请刷新后再试。";
  place.hidden = false;
  if (!known) throw error;
  if (error.status === 401) askForKey();
}

/** Open the dialog for the key. */
export function askForKey() {
  const dialog = document.getElementById("key-dialog");
  if (dialog.open) return;
  document.getElementById("key").value = key.get();
  dialog.showModal();
}

/** Make the dialog work; `changed` is called when there is another key. */
export function keyDialog(changed) {
  const dialog = document.getElementById("key-dialog");
  document.getElementById("key-open").addEventListener("click", askForKey);
  document.getElementById("key-cancel").addEventListener("click", () => dialog.close());
  document.getElementById("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    key.set(document.getElementById("key").value.trim());
    dialog.close();
    announce("密钥已保存在本标签页");
    changed();
  });
  document.getElementById("key-forget").addEventListener("click", () => {
    // Whoever leaves the desk leaves no complaint on the screen either.
    key.set("");
    location.reload();
  });
}
