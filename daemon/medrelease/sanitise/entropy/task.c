/* What the module is asked, read from Python's objects and checked before a scan is touched. */
#include "task.h"

enum { HEAD = 11, EACH = 7 };

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

int tables_define(PyObject *given, Py_ssize_t number, Huffman *tables)
{
  for (Py_ssize_t each = 0; each < number; each++) {
    char *payload;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(PyList_GetItem(given, each), &payload, &length))
      return -1;
    if (huffman_define(&tables[each], (const uint8_t *)payload, length))
      return wrong("a Huffman table contradicts itself");
  }
  return 0;
}

static int read_tables(Scan *scan, PyObject *tables)
{
  Py_ssize_t number = PyList_Size(tables);
  if (number < 0 || number > 8)
    return wrong("a scan has eight tables at most");
  if (tables_define(tables, number, scan->tables))
    return -1;
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

void task_free(Task *task)
{
  if (!task)
    return;
  PyBuffer_Release(&task->data);
  PyBuffer_Release(&task->masked);
  for (int place = 0; place < 4; place++)
    PyBuffer_Release(&task->nonzero[place]);
  PyMem_Free(task);
}

Task *task_of(PyObject *const *given, Py_ssize_t number)
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
