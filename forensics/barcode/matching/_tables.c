/* The k-mer table of an index: which haplotypes have each k-mer, in two passes over their bases. The first counts,
 * which says where each entry lies, the second one writes.
 */

#include "_kernel.h"

#define MOST_LETTERS 12 /* of a k-mer; its number has two bits a letter */

typedef struct {
    PyObject *texts; /* a list of str */
    Py_ssize_t size, k, words;
    uint32_t kmers, *seen, *filled;      /* by k-mer: the haplotype that had it last, from 1; entries so far */
    uint32_t *counts, *offsets, *data;   /* as in the index */
    uint8_t base[256];                   /* number of a letter, 4 of one that is no plain base */
} Table;

/* Note that a haplotype has a k-mer: count it, or enter it in the list or bitmap. */
static inline void note_kmer(Table *table, uint32_t kmer, uint32_t haplotype)
{
    if (!table->data)
        table->counts[kmer]++;
    else if ((Py_ssize_t)table->counts[kmer] > table->words)
        table->data[table->offsets[kmer] + (haplotype >> 5)] |= (uint32_t)1 << (haplotype & 31);
    else
        table->data[table->offsets[kmer] + table->filled[kmer]++] = haplotype;
}

/* Note each k-mer of each haplotype once, those with an IUPAC code left out; 0 with an error set. */
static int pass_over(Table *table)
{
    memset(table->seen, 0, table->kmers * sizeof *table->seen);
    for (Py_ssize_t haplotype = 0; haplotype < table->size; haplotype++) {
        Py_ssize_t length, clear = 0;
        uint32_t kmer = 0;
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(table->texts, haplotype), &length);
        if (!text)
            return 0;
        for (Py_ssize_t i = 0; i < length; i++) {
            uint32_t base = table->base[(uint8_t)text[i]];
            clear = base < 4 ? clear + 1 : 0;
            kmer = (kmer << 2 | (base & 3)) & (table->kmers - 1);
            if (clear >= table->k && table->seen[kmer] != (uint32_t)haplotype + 1) {
                table->seen[kmer] = (uint32_t)haplotype + 1;
                note_kmer(table, kmer, (uint32_t)haplotype);
            }
        }
    }
    return 1;
}

/* Return how many numbers of four bytes the data have; set where each entry begins. */
static uint64_t lay_out(Table *table)
{
    uint64_t end = 0;
    for (uint32_t kmer = 0; kmer < table->kmers; kmer++) {
        table->offsets[kmer] = (uint32_t)end;
        end += (Py_ssize_t)table->counts[kmer] > table->words ? (uint64_t)table->words : table->counts[kmer];
    }
    return end;
}

static PyObject *zeroed(uint64_t numbers, uint32_t **content)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)numbers * 4);
    *content = bytes ? (uint32_t *)PyBytes_AsString(bytes) : NULL;
    if (bytes)
        memset(*content, 0, (size_t)numbers * 4);
    return bytes;
}

PyObject *kernel_kmer_table(PyObject *self, PyObject *args)
{
    Table table = {0};
    PyObject *counts = NULL, *offsets = NULL, *data = NULL, *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!n", &PyList_Type, &table.texts, &table.k))
        return NULL;
    table.size = PyList_Size(table.texts);
    if (table.k < 1 || table.k > MOST_LETTERS || table.size >= INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "a k-mer has 1 to 12 letters, and haplotypes have 31 bits");
        return NULL;
    }
    table.words = (table.size + 31) >> 5;
    table.kmers = (uint32_t)1 << 2 * table.k;
    memset(table.base, 4, sizeof table.base);
    for (uint8_t base = 0; base < 4; base++)
        table.base[(uint8_t)"ACGT"[base]] = base;
    table.seen = malloc(table.kmers * sizeof *table.seen);
    table.filled = calloc(table.kmers, sizeof *table.filled);
    counts = zeroed(table.kmers, &table.counts);
    offsets = zeroed(table.kmers, &table.offsets);
    if (!table.seen || !table.filled)
        kernel_failed(-1);
    else if (counts && offsets && pass_over(&table)) {
        uint64_t numbers = lay_out(&table);
        if (numbers > UINT32_MAX)
            PyErr_SetString(PyExc_ValueError, "the k-mer table is larger than its offsets can say");
        else if ((data = zeroed(numbers, &table.data)) && pass_over(&table))
            result = Py_BuildValue("(OOO)", counts, offsets, data);
    }
    free(table.seen);
    free(table.filled);
    Py_XDECREF(counts);
    Py_XDECREF(offsets);
    Py_XDECREF(data);
    return result;
}
