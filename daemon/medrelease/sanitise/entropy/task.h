/* What the module is asked to do with one scan: the scan, its tables, and the buffers that they are
   read from.

   `scan` is a row of native 32-bit numbers: progressive, components, MCUs across and down, Ss, Se,
   Ah, Al, restart interval, MCUs of the frame across and down; then per component: blocks of an
   MCU across and down, blocks across and down, DC table, AC table (-1: none), blank DC. `tight` has
   a bit for each table in which codes without a use count. */
#ifndef MEDRELEASE_SANITISE_TASK_H
#define MEDRELEASE_SANITISE_TASK_H

#include "scan.h"

typedef struct {
  Scan scan;
  Py_buffer data, masked, nonzero[4];
  Py_ssize_t start;
} Task;

/* Set a ValueError; -1. */
static inline int wrong(const char *what)
{
  PyErr_SetString(PyExc_ValueError, what);
  return -1;
}

/* The arguments (data, start, scan, tables, nonzero, masked, tight); NULL with an exception set. */
Task *task_of(PyObject *const *given, Py_ssize_t number);
void task_free(Task *task);

/* The first `number` tables of a list of DHT payloads; -1 with an exception set. */
int tables_define(PyObject *given, Py_ssize_t number, Huffman *tables);

#endif
