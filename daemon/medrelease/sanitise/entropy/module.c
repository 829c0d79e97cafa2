/* medrelease.sanitise._entropy: the entropy-coded scans of JPEG, walked and coded anew; the filtered
   rows of PNG.

   `scan` is a row of native 32-bit numbers: progressive, components, MCUs across and down, Ss, Se,
   Ah, Al, restart interval, MCUs of the frame across and down; then per component: blocks of an
   MCU across and down, blocks across and down, DC table, AC table (-1: none), blank DC. `tight` has
   a bit for each table in which codes without a use count. */
#include "scan.h"

#include "filters.h"

enum { HEAD = 11, EACH = 7 };

typedef struct {
  Scan scan;
  Py_buffer data, masked, nonzero[4];
  Py_ssize_t start;
} Task;

static int wrong(const char *what)
{
  PyErr_SetString(PyExc_ValueError, what);
  return -1;
}

static int read_components(Scan *scan, const int32_t *numbers)
{
  for (int place = 0; place < scan->number; place++) {
    Component *component = &scan->components[place];
    const int32_t *told = numbers + HEAD + EACH * place;
    component->across = told[0];
    component->down = told[1];
    component->columns = told[2];
    component->rows = told[3];
    component->blank = told[6];
    if (told[0] < 1 || told[0] > 4 || told[1] < 1 || told[1] > 4 || told[2] < 1 || told[3] < 1)
      return wrong("a component has no size");
    if (told[4] >= scan->tables_used || told[5] >= scan->tables_used)
      return wrong("a table is missing");
    component->dc = told[4] < 0 ? NULL : &scan->tables[told[4]];
    component->ac = told[5] < 0 ? NULL : &scan->tables[told[5]];
    if (!component->dc && scan->first == 0 && !scan->refines)
      return wrong("a table is missing");
    if (!component->ac && scan->last > 0)
      return wrong("a table is missing");
    if (scan->number == 1 && (scan->across != told[2] || scan->down != told[3]))
      return wrong("a scan of one component has its blocks as MCUs");
  }
  return 0;
}

static int read_scan(Task *task, const Py_buffer *given)
{
  Scan *scan = &task->scan;
  int32_t numbers[HEAD + EACH * 4] = {0};
  if (given->len < HEAD * 4 || given->len > (Py_ssize_t)sizeof numbers)
    return wrong("a scan has a wrong number of numbers");
  memcpy(numbers, given->buf, (size_t)given->len);
  scan->progressive = numbers[0] != 0;
  scan->number = numbers[1];
  scan->across = numbers[2];
  scan->down = numbers[3];
  scan->first = numbers[4];
  scan->last = numbers[5];
  scan->refines = numbers[6];
  scan->low = numbers[7];
  scan->interval = numbers[8];
  scan->cells = numbers[9];
  if (scan->number < 1 || scan->number > 4 || given->len != 4 * (HEAD + EACH * scan->number))
    return wrong("a scan has a wrong number of components");
  if (scan->across < 1 || scan->down < 1 || scan->interval < 0)
    return wrong("a scan has no size");
  if (scan->first < 0 || scan->last > 63 || scan->first > scan->last || scan->low < 0 ||
      scan->low > 13 || scan->refines < 0 || (scan->first && scan->number > 1))
    return wrong("a scan selects no coefficients");
  if (!scan->progressive && (scan->first || scan->last != 63 || scan->refines || scan->low))
    return wrong("a sequential scan selects coefficients");
  if (read_components(scan, numbers))
    return -1;
  for (int place = 0; task->masked.buf && place < scan->number; place++) {
    const Component *component = &scan->components[place];
    if ((int64_t)numbers[9] * component->across < component->columns ||
        (int64_t)numbers[10] * component->down < component->rows || numbers[9] < 1 ||
        (int64_t)numbers[9] * numbers[10] != task->masked.len)
      return wrong("the masked MCUs are not those of the frame");
  }
  return 0;
}

static int read_tables(Scan *scan, PyObject *tables)
{
  Py_ssize_t number = PyList_Size(tables);
  if (number < 0 || number > 8)
    return wrong("a scan has eight tables at most");
  for (Py_ssize_t each = 0; each < number; each++) {
    char *payload;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(PyList_GetItem(tables, each), &payload, &length))
      return -1;
    if (huffman_define(&scan->tables[each], (const uint8_t *)payload, length))
      return wrong("a Huffman table contradicts itself");
  }
  scan->tables_used = (int)number;
  return 0;
}

static int read_nonzero(Task *task, PyObject *planes)
{
  Scan *scan = &task->scan;
  if (planes == Py_None)
    return 0;
  if (PyList_Size(planes) != scan->number)
    return wrong("a component has no plane");
  for (int place = 0; place < scan->number; place++) {
    Component *component = &scan->components[place];
    PyObject *plane = PyList_GetItem(planes, place);
    if (PyObject_GetBuffer(plane, &task->nonzero[place], PyBUF_WRITABLE))
      return -1;
    if (task->nonzero[place].len != 8 * (int64_t)component->columns * component->rows)
      return wrong("a plane is not of its component's size");
    component->nonzero = task->nonzero[place].buf;
  }
  return 0;
}

static void task_free(Task *task)
{
  if (!task)
    return;
  PyBuffer_Release(&task->data);
  PyBuffer_Release(&task->masked);
  for (int place = 0; place < 4; place++)
    PyBuffer_Release(&task->nonzero[place]);
  PyMem_Free(task);
}

/* Which symbols each table was read for, 256 bytes a table. */
static PyObject *symbols_met(const Scan *scan)
{
  PyObject *met = PyList_New(scan->tables_used);
  for (int number = 0; met && number < scan->tables_used; number++) {
    PyObject *flags = PyBytes_FromStringAndSize((const char *)scan->tables[number].met, 256);
    if (!flags || PyList_SetItem(met, number, flags)) {
      Py_DECREF(met);
      return NULL;
    }
  }
  return met;
}

/* The arguments (data, start, scan, tables, nonzero, masked); NULL with an exception set. */
static Task *task_of(PyObject *const *given, Py_ssize_t number)
{
  Py_buffer numbers = {0};
  Task *task = PyMem_Calloc(1, sizeof *task);
  int failed = !task;
  if (failed)
    PyErr_NoMemory();
  if (!failed && number != 7)
    failed = wrong("seven arguments are needed");
  failed = failed || PyObject_GetBuffer(given[0], &task->data, PyBUF_SIMPLE) ||
           (given[5] != Py_None && PyObject_GetBuffer(given[5], &task->masked, PyBUF_SIMPLE)) ||
           PyObject_GetBuffer(given[2], &numbers, PyBUF_SIMPLE);
  failed = failed || read_tables(&task->scan, given[3]) || read_scan(task, &numbers) ||
           read_nonzero(task, given[4]);
  PyBuffer_Release(&numbers);
  if (!failed) {
    task->start = PyLong_AsSsize_t(given[1]);
    task->scan.tight = (int)PyLong_AsLong(given[6]);
    task->scan.masked = task->masked.buf;
    if (task->start < 0 || task->start > task->data.len)
      failed = wrong("the scan starts outside of the data");
  }
  if (!failed)
    return task;
  task_free(task);
  return NULL;
}

static PyObject *answer(int told, const Task *task, const Walked *walked)
{
  const uint8_t *data = task->data.buf;
  Py_ssize_t stop = told == SOUND ? walked->stop - data : 0;
  if (told == NO_MEMORY)
    return PyErr_NoMemory();
  return Py_BuildValue("inLi", told, stop, (long long)walked->surplus, walked->odd);
}

static PyObject *walk(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Walked walked = {0};
  PyObject *said, *whole = NULL;
  Task *task = task_of(given, number);
  if (!task)
    return NULL;
  const uint8_t *data = task->data.buf;
  for (int place = 0; place < task->scan.number && !task->scan.progressive; place++)
    huffman_skips(task->scan.components[place].ac);
  said = answer(scan_walk(&task->scan, data + task->start, data + task->data.len, &walked), task,
                &walked);
  PyObject *symbols = said ? symbols_met(&task->scan) : NULL;
  if (symbols)
    whole = Py_BuildValue("NN", said, symbols);
  else
    Py_XDECREF(said);
  task_free(task);
  return whole;
}

static PyObject *recode(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  Walked walked = {0};
  PyObject *said, *whole = NULL, *written = NULL, *tables;
  Task *task = task_of(given, number);
  if (!task)
    return NULL;
  tables = PyList_GetSlice(given[3], 0, PyList_Size(given[3]));
  if (!tables) {
    task_free(task);
    return NULL;
  }
  const uint8_t *data = task->data.buf;
  int told = scan_recode(&task->scan, data + task->start, data + task->data.len, &walked, &written,
                         &tables);
  said = answer(told, task, &walked);
  if (said)
    whole = Py_BuildValue("OOO", said, written ? written : Py_None, tables);
  Py_XDECREF(said);
  Py_XDECREF(written);
  Py_DECREF(tables);
  task_free(task);
  return whole;
}

static PyObject *spread(PyObject *Py_UNUSED(module), PyObject *const *given, Py_ssize_t number)
{
  uint64_t met[4] = {1, 1, 1, 1};
  PyObject *said = NULL, *symbols;
  Task *task = task_of(given, number);
  if (!task)
    return NULL;
  Scan *scan = &task->scan;
  const uint8_t *data = task->data.buf;
  int told = scan->progressive ? MALFORMED : SOUND;
  if (!told)
    told = scan_spread(scan, data + task->start, data + task->data.len, scan->tight, met);
  symbols = symbols_met(scan);
  if (symbols)
    said = Py_BuildValue("i(KKKK)N", told, (unsigned long long)met[0], (unsigned long long)met[1],
                         (unsigned long long)met[2], (unsigned long long)met[3], symbols);
  task_free(task);
  return said;
}

/* The tables of a lossless scan, one a component; their number, or -1 with an exception set. */
static int lossless_tables(PyObject *given, Huffman *tables)
{
  Py_ssize_t number = PyList_Size(given);
  if (number < 1 || number > 4)
    return wrong("a lossless scan has one to four components");
  for (Py_ssize_t each = 0; each < number; each++) {
    char *payload;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(PyList_GetItem(given, each), &payload, &length))
      return -1;
    if (huffman_define(&tables[each], (const uint8_t *)payload, length))
      return wrong("a Huffman table contradicts itself");
  }
  return (int)number;
}

static PyObject *lossless(PyObject *Py_UNUSED(module), PyObject *args)
{
  Py_buffer data;
  Py_ssize_t start;
  long long samples, interval;
  PyObject *given, *said = NULL;
  Walked walked;
  size_t used = 0;
  if (!PyArg_ParseTuple(args, "y*nLLO", &data, &start, &samples, &interval, &given))
    return NULL;
  Huffman *tables = PyMem_Calloc(4, sizeof *tables);
  uint8_t *written = PyMem_Malloc(2 * (size_t)data.len + 16);
  int number = tables && written ? lossless_tables(given, tables) : -1;
  if (!tables || !written)
    PyErr_NoMemory();
  else if (number > 0 && (start < 0 || start > data.len || samples < 1 || interval < 0))
    wrong("the scan has no samples");
  else if (number > 0) {
    const uint8_t *bytes = data.buf;
    int told = lossless_walk(tables, number, samples, interval, bytes + start, bytes + data.len,
                             &walked, written, &used);
    Py_ssize_t stop = told ? 0 : walked.stop - bytes;
    said = told || !walked.odd ? Py_BuildValue("inO", told, stop, Py_None)
                               : Py_BuildValue("iny#", told, stop, written, (Py_ssize_t)used);
  }
  PyMem_Free(tables);
  PyMem_Free(written);
  PyBuffer_Release(&data);
  return said;
}

static PyMethodDef methods[] = {
    {"lossless", lossless, METH_VARARGS,
     "lossless(data, start, samples, interval, tables) -> (told, stop, data anew or None)"},
    {"spread", (PyCFunction)(void (*)(void))spread, METH_FASTCALL,
     "spread(data, start, scan, tables, nonzero, masked, tight) -> (told, coefficients, symbols)"},
    {"walk", (PyCFunction)(void (*)(void))walk, METH_FASTCALL,
     "walk(data, start, scan, tables, nonzero, masked, tight) -> ((told, stop, surplus, odd), "
     "symbols)"},
    {"recode", (PyCFunction)(void (*)(void))recode, METH_FASTCALL,
     "recode(data, start, scan, tables, nonzero, masked, tight) -> (walked, coded, tables)"},
    {"unfilter", (PyCFunction)(void (*)(void))unfilter, METH_FASTCALL,
     "unfilter(coded, above, step) -> the plain rows, None where a filter is unknown"},
    {NULL, NULL, 0, NULL}};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_entropy", NULL, 0, methods, slots,
                                    NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__entropy(void) { return PyModuleDef_Init(&module); }
