/* The edits of one sequence placed whole, with free ends, in another: forensics.barcode.matching.placing
 * in C. Optional; without it edlib gives the same numbers.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000 /* one build for Python 3.11 and later */
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WORD 64

/* What each letter can stand for, a bit a base; 0 for what is no IUPAC code. */
static const char CODES[] = "ACGTRYSWKMBDHVN";
static const uint8_t STANDS_FOR[] = {1, 2, 4, 8, 5, 10, 6, 9, 12, 3, 14, 13, 11, 7, 15};

static uint8_t stands_for[256]; /* filled when the module is made, and only read afterwards */

static void fill_letters(void)
{
    for (size_t i = 0; i < sizeof STANDS_FOR; i++)
        stands_for[(unsigned char)CODES[i]] = STANDS_FOR[i];
}

typedef struct {
    uint64_t up, down; /* rows of a column that lie one above, one below the row before them */
    Py_ssize_t score;  /* edits in the last row */
} Block;

/* Return a block whose rows each cost an edit more than the one above. */
static Block new_block(Py_ssize_t above, Py_ssize_t number, Py_ssize_t blocks, Py_ssize_t rows)
{
    rows = number == blocks - 1 ? rows - number * WORD : WORD;
    return (Block){~(uint64_t)0, 0, above + rows};
}

/* Fewest edits in the last row of one block alone; `equal` by code, as below. */
static Py_ssize_t placed_in_word(const uint64_t *equal, Py_ssize_t m, const uint8_t *outer,
                                 Py_ssize_t n, Py_ssize_t most)
{
    uint64_t up = ~(uint64_t)0, down = 0;
    Py_ssize_t score = m, best = most + 1;
    int shift = (int)m - 1;
    for (Py_ssize_t column = 0; column < n; column++) {
        uint64_t same = equal[stands_for[outer[column]]], vertical = same | down;
        uint64_t diagonal = (((same & up) + up) ^ up) | same;
        uint64_t right = down | ~(diagonal | up), left = up & diagonal;
        score += (Py_ssize_t)(right >> shift & 1) - (Py_ssize_t)(left >> shift & 1);
        right <<= 1;
        up = left << 1 | ~(vertical | right);
        down = right & vertical;
        if (score < best)
            best = score;
    }
    return best;
}

/* Return the least edits of `inner` placed whole, with free ends, in `outer`; -1 above `most`,
 * -2 where both have letters that are no IUPAC codes, -3 without memory. Such a letter in one of
 * them alone fits nothing.
 *
 * Myers 1999, doi:10.1145/316542.316550, in blocks (Hyyroe 2003), as edlib has it; but only the
 * blocks that a placement of at most `most` edits can cross are computed, those of the diagonals
 * from -most to outer - inner + most. What lies beyond is taken as higher than it can be. */
static Py_ssize_t placed(const uint8_t *inner, Py_ssize_t m, const uint8_t *outer, Py_ssize_t n,
                         Py_ssize_t most)
{
    int strange = 0;
    unsigned codes = 0;
    Py_ssize_t blocks = (m + WORD - 1) / WORD, best = most + 1;
    uint64_t of_word[16] = {0}, *equal = of_word;
    Block *block = NULL;
    if (blocks > 1) {
        equal = calloc((size_t)blocks * 16, sizeof *equal);
        block = malloc((size_t)blocks * sizeof *block);
        if (!equal || !block) {
            best = -3;
            goto done;
        }
    }
    for (Py_ssize_t i = 0; i < m; i++) {
        unsigned code = stands_for[inner[i]];
        uint64_t *here = equal + i / WORD * 16;
        strange |= code ? 0 : 1;
        for (int base = 0; base < 4; base++)
            here[1 << base] |= (uint64_t)(code >> base & 1) << i % WORD;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        unsigned code = stands_for[outer[i]];
        strange |= code ? 0 : 2;
        codes |= code ? code & (code - 1) : 0;
    }
    if (strange == 3) {
        best = -2;
        goto done;
    }
    for (Py_ssize_t b = 0; codes && b < blocks; b++)
        for (int code = 1; code < 16; code++)
            for (int base = 0; base < 4; base++)
                if (code >> base & 1)
                    equal[b * 16 + code] |= equal[b * 16 + (1 << base)];
    if (blocks == 1) {
        best = placed_in_word(equal, m, outer, n, most);
        goto told;
    }
    /* Live are the blocks from first to last: all that hold a cell of at most `most` edits. */
    Py_ssize_t first = 0, last = -1;
    for (Py_ssize_t column = 0; column < n; column++) {
        unsigned code = stands_for[outer[column]];
        Py_ssize_t top = column - (n - m) - most, bottom = column + most;
        Py_ssize_t lowest = bottom / WORD < blocks ? bottom / WORD : blocks - 1;
        if (top > 0 && top / WORD > first)
            first = top / WORD;
        if (first && first > last) {
            if (first > last + 1 || block[last].score > most)
                break;
            block[first] = new_block(block[last].score, first, blocks, m);
            last = first;
        }
        /* The step along the row above: at the very top all is free. */
        int in = first ? 1 : 0;
        for (Py_ssize_t b = first; b <= lowest; b++) {
            if (b > last) { /* reached from the block above, now or in the column before */
                Py_ssize_t above = b ? block[b - 1].score - in : 0;
                if (above > most && above + in > most)
                    break;
                block[b] = new_block(above, b, blocks, m);
                last = b;
            }
            uint64_t same = equal[b * 16 + code], up = block[b].up, down = block[b].down;
            uint64_t vertical = same | down, right, left;
            int shift = b == blocks - 1 ? (int)((m - 1) % WORD) : WORD - 1, out;
            same |= in < 0;
            uint64_t diagonal = (((same & up) + up) ^ up) | same;
            right = down | ~(diagonal | up);
            left = up & diagonal;
            out = (int)(right >> shift & 1) - (int)(left >> shift & 1);
            right = right << 1 | (in > 0);
            left = left << 1 | (in < 0);
            block[b].up = left | ~(vertical | right);
            block[b].down = right & vertical;
            block[b].score += out;
            in = out;
        }
        if (last == blocks - 1 && block[last].score < best)
            best = block[last].score;
        while (last > first && block[last].score >= most + WORD)
            last--;
        while (first && first <= last && block[first].score >= most + WORD)
            first++;
    }
told:
    if (best > most)
        best = -1;
done:
    if (equal != of_word)
        free(equal);
    free(block);
    return best;
}

/* -- from and to Python ------------------------------------------------------------------ */

static PyObject *edits(PyObject *self, PyObject *args)
{
    const char *inner, *outer;
    Py_ssize_t m, n, most, found;
    (void)self;
    if (!PyArg_ParseTuple(args, "y#y#n", &inner, &m, &outer, &n, &most))
        return NULL;
    if (m < 1 || m > n || most < 0) {
        PyErr_SetString(PyExc_ValueError, "the first sequence is the shorter one, and not empty");
        return NULL;
    }
    found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most);
    return found == -3 ? PyErr_NoMemory() : PyLong_FromSsize_t(found);
}

static PyObject *fitting(PyObject *self, PyObject *args)
{
    PyObject *inners, *result, *place;
    const char *outer;
    char *inner;
    Py_ssize_t m, n, most, found;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!y#n", &PyTuple_Type, &inners, &outer, &n, &most))
        return NULL;
    result = PyList_New(0);
    for (Py_ssize_t i = 0; result && i < PyTuple_Size(inners); i++) {
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(inners, i), &inner, &m))
            goto failed;
        if (m < 1 || most < 0 || m > n) {
            PyErr_SetString(PyExc_ValueError, "a sequence that is empty or too long");
            goto failed;
        }
        found = placed((const uint8_t *)inner, m, (const uint8_t *)outer, n, most);
        if (found == -3) {
            PyErr_NoMemory();
            goto failed;
        }
        if (found == -1)
            continue;
        place = PyLong_FromSsize_t(i); /* of what it cannot tell, the caller finds out */
        if (!place || PyList_Append(result, place)) {
            Py_XDECREF(place);
            goto failed;
        }
        Py_DECREF(place);
    }
    return result;
failed:
    Py_XDECREF(result);
    return NULL;
}

static PyMethodDef methods[] = {
    {"edits", edits, METH_VARARGS,
     "edits(inner, outer, most): of inner placed whole in outer; -1 above most, -2 unknown letters"},
    {"fitting", fitting, METH_VARARGS,
     "fitting(inners, outer, most): places of those that may lie in outer with so few edits"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_placing", NULL, 0, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__placing(void)
{
    fill_letters();
    return PyModule_Create(&module);
}
