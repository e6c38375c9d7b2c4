// What a telephone keeps until the server took it: one table in the browser's own database, by key.
const NAME = "kept";
let opened = null;

function open() {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open("dispatch-queue", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(NAME, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

async function run(mode, work) {
  const base = await open();
  return new Promise((done, fail) => {
    const step = base.transaction(NAME, mode);
    const asked = work(step.objectStore(NAME));
    // done only once it is on the disk
    step.oncomplete = () => done(asked.result);
    step.onerror = () => fail(step.error);
    step.onabort = () => fail(step.error);
  });
}

export const put = (entry) => run("readwrite", (table) => table.put(entry));
export const remove = (key) => run("readwrite", (table) => table.delete(key));
export const all = async () => (await run("readonly", (table) => table.getAll())).sort((a, b) => a.at - b.at);
