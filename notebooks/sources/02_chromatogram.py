# %% [markdown]
# # Lesson 2: from chromatogram to species
#
# **Goal.** You read a chromatogram, and you notice when no name may be given from it.
#
# You need half an hour and no network. Lesson 1 says how to answer: choose *Edit*, *Clear Outputs of All Cells*, run
# the cells in order, and write your answers in the place of `None`.

# %%
import pandas

import forensics
from forensics import barcode, training

training.begin("en")
exhibits = training.exhibits()

# %% [markdown]
# ## 1. Four curves
#
# A sequencer does not give letters. It gives four curves, one for each base, and a program writes a letter under each
# peak, with a **quality**. The curves of this lesson are real. They are of bumblebees, because those may be
# handed on; a scale or a piece of smoked meat looks the same.
#
# Here is the beginning of a read. What was cut off is grey, and the bars behind the curves are the qualities.

# %%
axes = barcode.plot_chromatograms(exhibits["clean"][:1], at=1)

# %% [markdown]
# **Question 2.1.** The program has written letters in the grey part, too, and N where it could not choose. Why are
# they not used?
#
# - **a** They belong to another gene.
# - **b** The peaks overlap and are uneven there, so the letters are guessed: their qualities are low.
# - **c** The first letters of a sequence never differ between species.

# %%
answer = None  # "a", "b" or "c"
training.check("2.1", answer)

# %% [markdown]
# ## 2. What a quality means
#
# A quality Q says how often such a letter is wrong: with a probability of 10 to the power of -Q/10. Quality 10 means
# one in ten, quality 30 one in a thousand (Ewing & Green 1998).
#
# **Question 2.2.** A read has 600 bases, and each has quality 20. How many wrong bases do you expect in it?

# %%
answer = None  # a number
training.check("2.2", answer)

# %% [markdown]
# This is what the two reads of the sample hold. The file with F was read from one end, the file with R from the other.

# %%
clean = barcode.inspect_chromatograms(exhibits["clean"])
columns = ["bases", "kept_from", "kept_to", "mean_quality", "expected_errors"]
pandas.DataFrame(clean.reads, index=["F", "R"])[columns]

# %% [markdown]
# **Question 2.3.** How many bases of the read F were **kept**? First and last base count, too.

# %%
answer = None  # a number
training.check("2.3", answer)

# %% [markdown]
# ## 3. Two strands, one sequence
#
# The read R is of the other strand. Turned round it says the same, read independently, and it is best where F is
# worst. The program puts both together and identifies the result.

# %%
library = training.workshop_library()
forensics.identify(exhibits["clean"], library=library)

# %% [markdown]
# The letters are good, and still no record is near: the library has no bumblebee. A better chromatogram would not
# change that. Another library would.
#
# **Question 2.4.** Both strands agree. What does that rule out?
#
# - **a** That the tube of the neighbouring sample was read.
# - **b** That the DNA of whoever packed the bag was read.
# - **c** Most errors of reading: noise does not make the same mistake from both ends.

# %%
answer = None  # "a", "b" or "c"
training.check("2.4", answer)

# %% [markdown]
# ## 4. A second sample
#
# It was read in the same way, and its letters look as good. Look at the base in the frame on both strands.

# %%
axes = barcode.plot_chromatograms(exhibits["mixed"], at=412)

# %% [markdown]
# **Question 2.5.** Which **two** bases have a peak in the frame, on both strands?

# %%
answer = None  # two letters, such as "c t"
training.check("2.5", answer)

# %% [markdown]
# ## The picture to remember
#
# Each point is a base under whose peak stands a second one; its height is a share of the first. Above the clean
# sample, below the second sample. **Noise stands on one strand. What stands at the same place on both strands was in
# the tube.**

# %%
mixed = barcode.inspect_chromatograms(exhibits["mixed"])
axes = clean.plot()
axes = mixed.plot()

# %% [markdown]
# **Question 2.6.** What do the filled points of the second sample show?
#
# - **a** The instrument was dirty.
# - **b** Two templates were read: two animals in one tube, or a copy of the gene in the nucleus, or two forms in one
#   animal.
# - **c** Two animals were in the tube.

# %%
answer = None  # "a", "b" or "c"
training.check("2.6", answer)

# %%
forensics.identify(exhibits["mixed"], library=library)

# %% [markdown]
# **Question 2.7.** No name can be given. The exhibit is still there. What do you do next?
#
# - **a** Extract again from the exhibit, amplify with other primers, and run blanks beside it.
# - **b** Take the higher peak everywhere, and report what it is.
# - **c** Sequence the same tube again until the second peaks are gone.

# %%
answer = None  # "a", "b" or "c"
training.check("2.7", answer)

# %% [markdown]
# ## 5. What the letters hide
#
# Somebody took the highest peak at every base of F, sent the letters by e-mail, and deleted the chromatogram. These are
# the letters.

# %%
forensics.identify(exhibits["letters"], library=library)

# %% [markdown]
# **Question 2.8.** Compare with the result of the chromatograms above. Who can still find out that there were two
# templates?
#
# - **a** A defence expert who gets the letters.
# - **b** Anybody who has a better library.
# - **c** Nobody without the chromatogram.

# %%
answer = None  # "a", "b" or "c"
training.check("2.8", answer)

# %% [markdown]
# ## Take home
#
# 1. A letter is a guess with a quality, and the bad ends are cut off before anything is compared.
# 2. A second peak at the same place on both strands is a second template, and then there is no name.
# 3. The chromatogram is the evidence, so it is kept and disclosed with the report.
#
# ## Your task
#
# Ask in your laboratory where the chromatograms of last year are, who can alter them, and how long they are kept. Write
# down what you would show to a court if it asked for the one of your last case. Lesson 5 shows how a ledger keeps it.
# `docs/chromatograms.md` has the rules by which the program trims, merges and judges.
