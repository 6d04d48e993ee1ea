/* Some columns of the first record of each haplotype of an index: most are alike, so they are numbered.
 *
 * The index may be anybody's file: every offset and number is checked before it is followed.
 */

#include "_kernel.h"

typedef struct {
    const char *text;
    Py_ssize_t length;
} Text;

/* The buffers of a call. */
enum { ROWS, STARTS, FIRSTS, BUFFERS };

/* Return columns `from` to `to` of a row of so many, tabs between them; no text where the row has another number. */
static Text cut_row(const char *row, Py_ssize_t length, Py_ssize_t columns, Py_ssize_t from, Py_ssize_t to)
{
    Text cut = {from ? NULL : row, 0};
    Py_ssize_t column = 0;
    for (Py_ssize_t at = 0; at < length; at++)
        if (row[at] == '\t') {
            if (++column == from)
                cut.text = row + at + 1;
            if (column == to)
                cut.length = row + at - cut.text;
        }
    return column == columns - 1 ? cut : (Text){NULL, 0};
}

/* Number the texts of all haplotypes in the order in which they come; return how many differ, -1 where the index is
 * damaged. `slot`, of mask + 1 places, more than there are haplotypes, is zeroed. */
static Py_ssize_t number_all(const Py_buffer *view, Py_ssize_t columns, Py_ssize_t from, Py_ssize_t to, Text *texts,
                             uint32_t *slot, uint32_t mask, uint32_t *number)
{
    const uint64_t *rows = view[STARTS].buf;
    const uint32_t *records = view[FIRSTS].buf;
    Py_ssize_t count = view[STARTS].len / 8 - 1, size = view[FIRSTS].len / 4 - 1, different = 0;
    for (Py_ssize_t haplotype = 0; haplotype < size; haplotype++) {
        uint32_t record = records[haplotype], at = 0x811c9dc5u;
        if (record >= records[haplotype + 1] || (Py_ssize_t)records[haplotype + 1] > count ||
            rows[record] > rows[record + 1] || rows[record + 1] > (uint64_t)view[ROWS].len)
            return -1;
        Text cut = cut_row((const char *)view[ROWS].buf + rows[record],
                           (Py_ssize_t)(rows[record + 1] - rows[record]), columns, from, to);
        if (!cut.text)
            return -1;
        for (Py_ssize_t i = 0; i < cut.length; i++) /* FNV-1a */
            at = (at ^ (uint8_t)cut.text[i]) * 0x01000193u;
        for (at ^= at >> 15;; at++) {
            uint32_t *place = slot + (at & mask);
            if (!*place) {
                texts[different++] = cut;
                *place = (uint32_t)different;
            }
            const Text *known = texts + *place - 1;
            if (known->length == cut.length && !memcmp(known->text, cut.text, (size_t)cut.length)) {
                number[haplotype] = *place - 1;
                break;
            }
        }
    }
    return different;
}

PyObject *kernel_first_columns(PyObject *self, PyObject *args)
{
    PyObject *buffer[BUFFERS], *numbers = NULL, *list = NULL;
    Py_buffer view[BUFFERS];
    Py_ssize_t columns, from, to, different = -1;
    Text *texts = NULL;
    uint32_t *slot = NULL, mask = 1;
    int views = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOnnn", &buffer[ROWS], &buffer[STARTS], &buffer[FIRSTS], &columns,
                          &from, &to))
        return NULL;
    for (; views < BUFFERS; views++)
        if (PyObject_GetBuffer(buffer[views], &view[views], PyBUF_SIMPLE))
            goto done;
    Py_ssize_t size = view[FIRSTS].len / 4 - 1;
    if (view[STARTS].len < 16 || view[STARTS].len % 8 || size < 1 || size > INT32_MAX / 4 ||
        view[FIRSTS].len % 4 || from < 0 || from >= to || to >= columns) {
        kernel_failed(0);
        goto done;
    }
    while ((Py_ssize_t)mask < 2 * size)
        mask = mask << 1 | 1;
    texts = malloc((size_t)size * sizeof *texts);
    slot = calloc((size_t)mask + 1, sizeof *slot);
    numbers = PyBytes_FromStringAndSize(NULL, size * 4);
    if (!texts || !slot) {
        kernel_failed(-1);
        goto done;
    }
    if (!numbers)
        goto done;
    different = number_all(view, columns, from, to, texts, slot, mask, (uint32_t *)PyBytes_AsString(numbers));
    list = different < 0 ? kernel_failed(0) : PyList_New(0);
    for (Py_ssize_t i = 0; list && i < different; i++) {
        PyObject *text = PyBytes_FromStringAndSize(texts[i].text, texts[i].length);
        if (!text || PyList_Append(list, text))
            Py_CLEAR(list);
        Py_XDECREF(text);
    }
done:
    while (views--)
        PyBuffer_Release(&view[views]);
    free(texts);
    free(slot);
    PyObject *result = list ? Py_BuildValue("(OO)", list, numbers) : NULL;
    Py_XDECREF(list);
    Py_XDECREF(numbers);
    return result;
}
