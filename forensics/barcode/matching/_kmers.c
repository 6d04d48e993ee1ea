/* Which k-mers of a text were seen before: a bit each among many (Bloom 1970,
 * doi:10.1145/362686.362692), by a sum that is carried from place to place (Karp & Rabin 1987,
 * doi:10.1147/rd.312.0249). What is not marked was not seen.
 */

#include "_kernel.h"

#define FACTOR 0x9e3779b97f4a7c15u /* odd, with as many ones as zeros; the golden ratio */

typedef struct {
    uint8_t *bit;
    int shift; /* from a sum to the number of its bit */
} Marks;

static int read_marks(const Py_buffer *buffer, Marks *marks)
{
    uint64_t left = (uint64_t)buffer->len * 8;
    marks->bit = buffer->buf;
    marks->shift = WORD;
    while (left > 1 && !(left & 1)) {
        left >>= 1;
        marks->shift--;
    }
    if (left != 1)
        PyErr_SetString(PyExc_ValueError, "marks are a power of two");
    return left == 1;
}

static inline uint64_t bit_of(const Marks *marks, uint64_t sum)
{
    return (sum ^ sum >> 29) * FACTOR >> marks->shift;
}

static uint64_t sum_of(const char *text, Py_ssize_t length)
{
    uint64_t sum = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        sum = sum * FACTOR + (unsigned char)text[i];
    return sum;
}

/* A text that is shorter than a k-mer is one itself. */
PyObject *kernel_mark_kmers(PyObject *self, PyObject *args)
{
    Py_buffer buffer;
    const char *text;
    Py_ssize_t n, length, step;
    Marks marks;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*s#nn", &buffer, &text, &n, &length, &step))
        return NULL;
    int fine = read_marks(&buffer, &marks);
    if (fine && (length < 1 || step < 1)) {
        PyErr_SetString(PyExc_ValueError, "a k-mer and a step have at least one letter");
        fine = 0;
    }
    length = n < length ? n : length;
    for (Py_ssize_t place = 0; fine && place <= n - length; place += step) {
        uint64_t bit = bit_of(&marks, sum_of(text + place, length));
        marks.bit[bit >> 3] |= (uint8_t)(1 << (bit & 7));
    }
    PyBuffer_Release(&buffer);
    if (!fine)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *kernel_find_marked(PyObject *self, PyObject *args)
{
    Py_buffer buffer;
    const char *text;
    Py_ssize_t n, length;
    Marks marks;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*s#n", &buffer, &text, &n, &length))
        return NULL;
    PyObject *result = NULL;
    if (length < 1)
        PyErr_SetString(PyExc_ValueError, "a k-mer has at least one letter");
    else if (read_marks(&buffer, &marks))
        result = PyList_New(0);
    length = n < length ? n : length;
    uint64_t sum = sum_of(text, length), first = 1; /* what a letter counts when it leaves */
    for (Py_ssize_t i = 0; i < length; i++)
        first *= FACTOR;
    for (Py_ssize_t place = 0; result && place <= n - length; place++) {
        uint64_t bit = bit_of(&marks, sum);
        if (marks.bit[bit >> 3] >> (bit & 7) & 1 && kernel_append(result, place)) {
            Py_DECREF(result);
            result = NULL;
        }
        if (place < n - length)
            sum = sum * FACTOR + (unsigned char)text[place + length] -
                  first * (unsigned char)text[place];
    }
    PyBuffer_Release(&buffer);
    return result;
}
